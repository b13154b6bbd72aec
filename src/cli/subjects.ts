import type { Subject } from './look-command.ts';

export const MERGE_REQUEST: Subject = {
  noun: 'merge request',
  kind: 'merge-request',
  sign: '!',
  pages: ['merge_requests'],
};

export const ISSUE: Subject = { noun: 'issue', kind: 'issue', sign: '#', pages: ['issues', 'work_items'] };
