import { expect, it } from 'vitest';
import { parseIssue } from './link.ts';

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
