import { expect, it } from 'vitest';
import { Pulse } from './pulse.ts';

const MINUTE = 60_000;

it('counts the looks of each minute, the quiet ones too', () => {
  let now = 10 * MINUTE;
  const pulse = new Pulse({ now: () => now, budget: () => 100 });
  pulse.looked({ ok: true, milliseconds: 20 });
  pulse.looked({ ok: false, milliseconds: 70 });
  pulse.delivered({ receivedAt: now - 30 });
  pulse.delivered({ receivedAt: now - 4 });
  now += 2 * MINUTE;
  pulse.looked({ ok: true, milliseconds: 5 });
  expect(pulse.read()).toEqual([
    { at: 10 * MINUTE, looks: 2, failed: 1, slowest: 70, lag: 30, budget: 100 },
    { at: 11 * MINUTE, looks: 0, failed: 0, slowest: 0, lag: 0, budget: null },
    { at: 12 * MINUTE, looks: 1, failed: 0, slowest: 5, lag: 0, budget: 100 },
  ]);
});

it('keeps six hours', () => {
  let now = 0;
  const pulse = new Pulse({ now: () => now, budget: () => undefined });
  for (let minute = 0; minute < 500; minute++) {
    now = minute * MINUTE;
    pulse.looked({ ok: true, milliseconds: 1 });
  }
  expect(pulse.read().length).toBe(360);
  expect(pulse.read().at(-1)).toMatchObject({ at: 499 * MINUTE, budget: null });
});
