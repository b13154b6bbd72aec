import { expect, it } from 'vitest';
import { nextTime, parseWeekly } from './next-time.ts';

it.each([
  ['Wed 10:00', { weekday: 3, hour: 10, minute: 0 }],
  ['wednesday 23:59', { weekday: 3, hour: 23, minute: 59 }],
  ['Sun 00:05', { weekday: 0, hour: 0, minute: 5 }],
  ['Wed 24:00', undefined],
  ['10:00', undefined],
  ['Xyz 10:00', undefined],
])('reads %s', (text, expected) => {
  expect(parseWeekly(text)).toEqual(expected);
});

it.each([
  // Summer time begins on 2026-03-29 and ends on 2026-10-25.
  ['Wed 10:00', 'Europe/Berlin', '2026-03-23T00:00:00Z', '2026-03-25T09:00:00Z'],
  ['Wed 10:00', 'Europe/Berlin', '2026-03-25T09:00:00Z', '2026-04-01T08:00:00Z'],
  ['Sun 02:30', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00Z'],
  ['Sun 02:30', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T01:30:00Z'],
  ['Mon 00:30', 'Pacific/Auckland', '2026-06-07T11:00:00Z', '2026-06-07T12:30:00Z'],
  ['Sun 23:30', 'America/Los_Angeles', '2026-06-08T06:00:00Z', '2026-06-08T06:30:00Z'],
  ['Wed 10:00', 'UTC', '2026-11-25T09:59:59Z', '2026-11-25T10:00:00Z'],
])('%s in %s after %s is %s', (text, timeZone, after, expected) => {
  const next = nextTime({ ...parseWeekly(text)!, timeZone }, Date.parse(after));
  expect(new Date(next).toISOString()).toBe(new Date(expected).toISOString());
});

it('comes once a week, for years, in every kind of place', () => {
  for (const timeZone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata']) {
    let at = Date.parse('2026-01-01T00:00:00Z');
    for (let week = 0; week < 110; week++) {
      const next = nextTime({ weekday: 0, hour: 10, minute: 0, timeZone }, at);
      const days = (next - at) / 86_400_000;
      if (week > 0) expect(Math.abs(days - 7)).toBeLessThan(0.1);
      at = next;
    }
  }
});
