import { expect, it } from 'vitest';
import { parseDuration, parseMoment } from './times.ts';

it.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['0s', 0],
])('%s is %i ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each(['', '7', '-1h', '1y', '1h30m', 'h'])('%j is no length of time', text => {
  expect(() => parseDuration(text)).toThrow('is no length of time');
});

it('reads points in time, and how long ago', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  expect(parseMoment('2026-11-20T06:00Z', now)).toBe(Date.UTC(2026, 10, 20, 6));
  expect(parseMoment('2026-11-20T06:00:00+02:00', now)).toBe(Date.UTC(2026, 10, 20, 4));
  expect(parseMoment('36h', now)).toBe(Date.UTC(2026, 10, 22));
  // A day begins here when it begins on the clock of the machine.
  expect(parseMoment('2026-11-20', now)).toBe(new Date(2026, 10, 20).getTime());
});

it.each(['yesterday', '2026-13-45', '12:00', ''])('%j is no point in time', text => {
  expect(() => parseMoment(text, 0)).toThrow('is no time');
});
