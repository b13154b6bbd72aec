import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { briefRow } from './brief-row.ts';
import type { JournalKind } from './journal.ts';

const brief = (data: Json, kind: JournalKind = 'signal') =>
  briefRow({ seq: 1, at: 0, kind, key: null, data, hash: '' });
const SHA = '18b6135f3a16039568fe04c42f1a6ddaa3bf501e';

describe('a row in one line', () => {
  it.each<[string, Json, string]>([
    [
      'a decision',
      { verdict: 'in To Test', because: ['It is there already.', 'x'], facts: {} },
      'in To Test: It is there already.',
    ],
    ['an effect', { summary: 'open a thread', outcome: 'done', ref: 1 }, 'open a thread'],
    ['an effect that was found', { summary: 'open a thread', outcome: 'found' }, 'open a thread: found'],
    ['one that failed', { summary: 'move it', outcome: 'failed', detail: 'HTTP 500' }, 'move it: failed, HTTP 500'],
    ['a signal', { event: 'Push Hook', reason: 'a push' }, 'Push Hook: a push'],
    ['a replay', { replay: 'issue:a#1', by: 'ada' }, 'replay of issue:a#1 by ada'],
    ['anything else', { accepted: 2, sent_by: 'box', races: ['a', 'b'] }, 'accepted 2 · sent by box · races a, b'],
    [
      'a failure, with the time of the next look',
      { code: 'SBX_X', detail: 'd', attempts: 2, again_at: 1795902772333 },
      'code SBX_X · detail d · attempts 2 · again at 2026-11-28T21:52:52.333Z',
    ],
    ['a script that failed', { summary: 'run it', outcome: 'done', ref: { end: 'timed_out' } }, 'run it: timed out'],
    ['a script that did not', { summary: 'run it', outcome: 'done', ref: { end: 'released' } }, 'run it'],
    ['a commit', { reason: `push of ${SHA}`, event: 'Push' }, 'Push: push of 18b6135f…'],
    ['no record at all', 'text', ''],
  ])('%s', (_what, data, line) => {
    expect(brief(data).line).toBe(line);
  });

  it('is short however long the row is', () => {
    expect(brief({ verdict: 'A'.repeat(100_000), because: ['B'.repeat(100_000)] }).line.length).toBeLessThan(250);
  });

  it.each<[Json, JournalKind, boolean]>([
    [{}, 'failure', true],
    [{ outcome: 'failed' }, 'effect', true],
    [{ unreadable: true }, 'signal', true],
    [{ outcome: 'done' }, 'effect', false],
    [{ outcome: 'done', ref: { end: 'failed' } }, 'effect', true],
    [{ outcome: 'done', ref: { end: 'put_off' } }, 'effect', false],
    [{ version: '5.4.1', end: 'interrupted' }, 'effect', true],
  ])('%j of kind %s is bad: %s', (data, kind, bad) => {
    expect(brief(data, kind).bad).toBe(bad);
  });
});
