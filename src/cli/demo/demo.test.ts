import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Chapter, Stage } from './chapter.ts';
import { CHAPTERS } from './chapters.ts';
import { describePlayed, isComplete, play, summarize } from './play.ts';

const BIN = fileURLToPath(new URL('../../../bin/signalbox.js', import.meta.url));

it('plays the whole story, verifies it, and ends with 0', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, 'demo', '--once'], { timeout: 55_000 });
  const lines = stdout.trimEnd().split('\n');
  for (const { number, title } of CHAPTERS) {
    expect(stdout).toMatch(new RegExp(`^${number}  ${title} +ok +\\S`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${number}  ${title} +(\\d+) of \\1 +[\\d.]+ s$`, 'm'));
  }
  expect(lines.at(-1)).toBe('Verified in the sandbox: the story came out as it should.');
});

it('has every chapter once, in the order of the story', () => {
  const numbers = CHAPTERS.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

it('says what is missing, and plays on after a chapter that broke off', async () => {
  const chapter = (number: number, playChapter: Chapter['play']): Chapter => ({
    number,
    title: `Number ${number}`,
    settings: () => '',
    hooks: {},
    play: playChapter,
  });
  const chapters = [
    chapter(1, async () => ({ line: 'half of it', claims: [{ claim: 'it is blue', holds: false }] })),
    chapter(2, () => Promise.reject(new Error('no bricks'))),
    chapter(3, async () => ({ line: 'all of it', claims: [{ claim: 'it is red', holds: true }] })),
  ];
  const told: string[] = [];
  const all = await play(chapters, {} as Stage, played => told.push(describePlayed(played)));
  expect(told).toEqual([
    '1  Number 1        MISSING  half of it',
    '2  Number 2        MISSING  broke off: Error: no bricks',
    '3  Number 3        ok       all of it',
  ]);
  expect(isComplete(all)).toBe(false);
  const summary = summarize(all);
  expect(summary).toContain('   MISSING: it is blue');
  expect(summary).toContain('   MISSING: it is played to the end (Error: no bricks)');
  expect(summary.at(-1)).toBe('2 things are missing.');
});
