import { describe, expect, it } from 'vitest';
import { humanDecisions, verdictOf } from './human-decisions.ts';

describe('what members say in comments', () => {
  it.each([
    ['/signalbox merge #12', [{ type: 'merge', into: 12 }]],
    ['/signalbox unmerge', [{ type: 'unmerge' }]],
    ['/signalbox split', [{ type: 'split' }]],
    [
      '/signalbox ignore until 2027-01: only the log level',
      [{ type: 'ignore', until: Date.UTC(2027, 1, 1), reason: 'only the log level' }],
    ],
    ['/signalbox ignore until 2027-01-15: x', [{ type: 'ignore', until: Date.UTC(2027, 0, 16), reason: 'x' }]],
    ['/signalbox ignore until 2027: x', [{ type: 'ignore', until: Date.UTC(2028, 0, 1), reason: 'x' }]],
    ['/signalbox lookthrough main.store', [{ type: 'lookthrough', pattern: 'main.store' }]],
    ['I think so, too.\r\n/signalbox split\r\n/signalbox merge #3', [{ type: 'split' }, { type: 'merge', into: 3 }]],
    ['say `/signalbox split` to split', []],
    ['```\n/signalbox split\n```', []],
    ['> /signalbox split', []],
  ])('%s', (comment, decisions) => {
    expect(humanDecisions(comment)).toEqual({ decisions, faults: [] });
  });

  it.each([
    ['/signalbox merge 12'],
    ['/signalbox ignore'],
    ['/signalbox ignore until 2027-01'],
    ['/signalbox ignore until 2027-13: x'],
    ['/signalbox ignore until 2027-02-30: x'],
    ['/signalbox lookthrough'],
    ['/signalbox split please'],
  ])('does not guess: %s', comment => {
    expect(humanDecisions(comment)).toEqual({ decisions: [], faults: [comment] });
  });

  it('are replayed in order', () => {
    const { decisions } = humanDecisions(
      ['merge #1', 'lookthrough a.B', 'merge #2', 'ignore until 2027: x', 'lookthrough a.B', 'unignore', 'split']
        .map(line => `/signalbox ${line}`)
        .join('\n'),
    );
    expect(verdictOf(decisions)).toEqual({
      mergedInto: 2,
      ignoredUntil: null,
      ignoreReason: null,
      split: true,
      lookThrough: ['a.B'],
    });
  });
});
