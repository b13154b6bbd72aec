import { expect, it } from 'vitest';
import { commentPace } from './comment-pace.ts';

it('never lets more through in any minute than it may, and everybody in the end', () => {
  let now = 1_000_000;
  const pace = commentPace(10, () => now);
  const sent: number[] = [];
  const waiting = Array.from({ length: 30 }, (_, index) => ({ key: `k${index}`, at: now }));
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at);
    const next = waiting.shift()!;
    now = Math.max(now, next.at);
    try {
      pace.pass(next.key, 3);
      sent.push(now, now, now);
    } catch (error) {
      const { retryAt } = error as { retryAt: number };
      expect(retryAt).toBeGreaterThan(now);
      waiting.push({ key: next.key, at: retryAt });
    }
  }
  expect(sent).toHaveLength(90);
  for (const end of sent) expect(sent.filter(at => at > end - 60_000 && at <= end).length).toBeLessThanOrEqual(12);
});

it('does not keep one waiting who comes alone, however much', () => {
  const pace = commentPace(10, () => 5);
  expect(() => pace.pass('a', 50)).not.toThrow();
});
