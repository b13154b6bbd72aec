import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { progressDisplay } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function stream(isTTY: boolean, columns = 60): { written: string; as: NodeJS.WriteStream } {
  const target = { written: '', isTTY, columns, write: (text: string) => (target.written += text) };
  return Object.assign(target, { as: target as unknown as NodeJS.WriteStream });
}

const half = { file: '/var/log/app.log', bytes: 50_000_000, totalBytes: 100_000_000, number: 2, files: 4 };

it('draws one bar on a terminal, no wider than it is, and takes it away', () => {
  const terminal = stream(true);
  const display = progressDisplay(terminal.as);
  for (let n = 0; n < 50; n++) {
    vi.advanceTimersByTime(10);
    display.show(half);
  }
  expect(terminal.written.split('\r').length - 1).toBe(5);
  expect(terminal.written).toContain('[#########               ] file 2 of 4, 50.0 MB (50 %)');
  expect(terminal.written).not.toContain('\n');
  for (const drawn of terminal.written.split('\r\x1b[K')) expect(drawn.length).toBeLessThan(60);
  display.end();
  expect(terminal.written.endsWith('\r\x1b[K')).toBe(true);
});

it('draws on a terminal that does not tell its width', () => {
  const terminal = stream(true, 0);
  vi.advanceTimersByTime(200);
  progressDisplay(terminal.as).show(half);
  expect(terminal.written).toBe('');
  const display = progressDisplay(terminal.as);
  vi.advanceTimersByTime(200);
  display.show(half);
  expect(terminal.written).toContain('/var/log/app.log');
});

it('writes a line now and then elsewhere', () => {
  const file = stream(false);
  const display = progressDisplay(file.as);
  for (let n = 0; n < 250; n++) {
    vi.advanceTimersByTime(100);
    display.show({ ...half, bytes: 200_000_000 });
  }
  display.end();
  // The text of a packed file is longer than the file, and how long is not known.
  expect(file.written).toBe('file 2 of 4, 200.0 MB: /var/log/app.log\n'.repeat(2));
});
