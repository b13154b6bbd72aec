import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readEscalation, readEscalations, readPreview, readProblem } from './read-answer.ts';

it('reads what the service says of a ticket', () => {
  expect(
    readEscalation({
      id: '101',
      ticket_id: 101,
      state: 'running',
      progress: { done: 7, total: 12, step: 'files' },
      issue: {
        url: 'https://gitlab.example.com/i/7',
        iid: 7,
        project: 'acme/appliance',
        state: 'opened',
        labels: ['a'],
      },
      warnings: ['w'],
      error: { code: 'SBX_X', detail: 'why' },
      requested_by: 'Ada',
      waiting: 'GitLab is busy',
      more: 'than we know',
    }),
  ).toEqual({
    ticket: 101,
    state: 'running',
    done: 7,
    total: 12,
    step: 'files',
    issue: { url: 'https://gitlab.example.com/i/7', reference: 'acme/appliance#7', state: 'opened', labels: ['a'] },
    warnings: ['w'],
    failure: 'why',
    requestedBy: 'Ada',
    waiting: 'GitLab is busy',
  });
});

it('takes only what may be a link for an address', () => {
  const urlOf = (url: unknown) => readEscalation({ state: 'done', issue: { iid: 1, url } })?.issue?.url;
  expect(urlOf('http://127.0.0.1:9000/a')).toBe('http://127.0.0.1:9000/a');
  for (const bad of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', '/relative', '', 7, null])
    expect(urlOf(bad), String(bad)).toBeNull();
});

it('says why a file is not copied, and nothing of those that are', () => {
  const { files } = readPreview({
    files: [
      { name: 'a', size: 1, copied: true, reason: 'never said' },
      { name: 'b', size: null, copied: false, reason: 'it is empty' },
      { name: 'c', copied: false },
    ],
  });
  expect(files.map(each => each.reason)).toEqual(['', 'it is empty', 'not copied']);
});

it('never breaks on what it is given', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      readPreview(value);
      readProblem(value);
      expect(readEscalations({ tickets: [value, { state: 'none' }] }).length).toBeGreaterThanOrEqual(1);
      const escalation = readEscalation({
        state: 'done',
        progress: value,
        issue: value,
        warnings: value,
        error: value,
      });
      expect(escalation?.state).toBe('done');
    }),
  );
});
