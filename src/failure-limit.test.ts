import { beforeEach, expect, it } from 'vitest';
import { createFailureLimit, type FailureLimit } from './failure-limit.ts';

let now = 0;
let limit: FailureLimit;
beforeEach(() => {
  now = 1_000_000;
  limit = createFailureLimit({ tries: 20, now: () => now });
});

const isOpen = (ip: string) => {
  try {
    limit.assertOpen(ip);
    return true;
  } catch {
    return false;
  }
};
const fail = (ip: string, times: number) => {
  for (let n = 0; n < times; n++) limit.failed(ip);
};

it('lets an address fail twenty times, then asks it to wait for as long as it says', () => {
  fail('192.0.2.1', 19);
  expect(isOpen('192.0.2.1')).toBe(true);
  fail('192.0.2.1', 1);
  expect(() => limit.assertOpen('192.0.2.1')).toThrow(
    expect.objectContaining({ code: 'SBX_TOO_MANY_FAILURES', retryAt: now + 6_000 }),
  );
  expect(isOpen('192.0.2.2')).toBe(true);
  now += 6_000;
  expect(isOpen('192.0.2.1')).toBe(true);
});

it('gives one try every six seconds in the long run', () => {
  fail('192.0.2.1', 500);
  let tries = 0;
  for (const end = now + 600_000; now <= end; now += 1_000) {
    if (!isOpen('192.0.2.1')) continue;
    fail('192.0.2.1', 1);
    tries++;
  }
  expect(tries).toBe(100);
});

it('counts all of an IPv6 /64 as one, and its neighbours not', () => {
  for (let n = 0; n < 20; n++) limit.failed(`2001:db8:1:2::${n.toString(16)}`);
  expect(isOpen('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe(false);
  expect(isOpen('2001:db8:1:3::1')).toBe(true);
  fail('::ffff:192.0.2.7', 20);
  expect(isOpen('::ffff:192.0.2.8')).toBe(true);
});

it('keeps ten thousand addresses at most, and forgets the one that failed longest ago', () => {
  fail('192.0.2.1', 20);
  fail('192.0.2.2', 20);
  for (let n = 0; n < 9_999; n++) limit.failed(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  expect(isOpen('192.0.2.1')).toBe(true);
  expect(isOpen('192.0.2.2')).toBe(false);
});

it('counts apart what is tried apart', () => {
  for (let n = 0; n < 20; n++) expect(limit.failed('192.0.2.1', 'appliance')).toBe(n === 19);
  expect(() => limit.assertOpen('192.0.2.1', 'appliance')).toThrow();
  expect(() => limit.assertOpen('192.0.2.1', 'other')).not.toThrow();
  expect(isOpen('192.0.2.1')).toBe(true);
});

it('lets nobody wait longer because the clock was set back', () => {
  fail('192.0.2.1', 20);
  now -= 3_600_000;
  expect(isOpen('192.0.2.1')).toBe(false);
  now += 6_000;
  expect(isOpen('192.0.2.1')).toBe(true);
});
