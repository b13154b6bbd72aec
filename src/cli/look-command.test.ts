import { describe, expect, it } from 'vitest';
import { parseSubject } from './look-command.ts';
import { ISSUE as issue, MERGE_REQUEST as mergeRequest } from './subjects.ts';

describe('what a person types', () => {
  it.each([
    ['acme/appliance!12', mergeRequest, 'merge-request:acme/appliance!12'],
    ['merge-request:acme/appliance!12', mergeRequest, 'merge-request:acme/appliance!12'],
    ['a/b/c.d!1', mergeRequest, 'merge-request:a/b/c.d!1'],
    [
      'https://gitlab.example.com/acme/appliance/-/merge_requests/12/diffs#note_3',
      mergeRequest,
      'merge-request:acme/appliance!12',
    ],
    ['https://gitlab.example.com/acme/appliance/merge_requests/12', mergeRequest, 'merge-request:acme/appliance!12'],
    ['acme/appliance#3', issue, 'issue:acme/appliance#3'],
    ['https://gitlab.example.com/acme/appliance/-/issues/3', issue, 'issue:acme/appliance#3'],
    ['https://gitlab.example.com/acme/appliance/-/work_items/3', issue, 'issue:acme/appliance#3'],
  ])('%s is a key', (text, subject, key) => {
    expect(parseSubject(text, subject)).toBe(key);
  });

  it.each([
    ['acme/appliance#3', mergeRequest],
    ['appliance!3', mergeRequest],
    ['acme/appliance!x', mergeRequest],
    ['https://gitlab.example.com/acme/appliance/-/issues/3', mergeRequest],
    ['acme/appliance!3', issue],
    ['', issue],
  ])('%j is refused, with what to write', (text, subject) => {
    expect(() => parseSubject(text, subject)).toThrow(/write group\/project/);
  });
});
