import { expect, it } from 'vitest';
import { linkWarnings, parseIssue } from './link.ts';

const URL = 'https://gitlab.example.com/git';

it.each([
  ['acme/appliance#3', { project: 'acme/appliance', iid: 3 }],
  [' acme/tools/builder#12 ', { project: 'acme/tools/builder', iid: 12 }],
  [`${URL}/acme/appliance/-/issues/3`, { project: 'acme/appliance', iid: 3 }],
  [`${URL}/acme/appliance/-/work_items/3`, { project: 'acme/appliance', iid: 3 }],
  [`${URL}/acme/appliance/issues/3`, { project: 'acme/appliance', iid: 3 }],
  [`${URL}/acme/appliance/-/issues/3#note_7`, { project: 'acme/appliance', iid: 3 }],
  ['https://elsewhere.example.com/acme/appliance/-/issues/3', null],
  [`${URL}/acme/appliance/-/merge_requests/3`, null],
  ['#3', null],
  ['acme/appliance!3', null],
])('reads %j', (named, issue) => {
  expect(parseIssue(named, URL)).toEqual(issue);
});

it.each([
  [true, { confidential: false }, 1],
  [true, {}, 1],
  [true, { confidential: true }, 0],
  [false, { confidential: false }, 0],
])('warns of an issue that is not confidential where ours would be: %s %o', (confidential, issue, warnings) => {
  expect(linkWarnings({ project: 'acme/appliance', iid: 3 }, issue, { confidential })).toHaveLength(warnings);
});
