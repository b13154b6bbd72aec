import { expect, it } from 'vitest';
import { Silence } from './silence.ts';

it('lets nobody wait for a host that hangs, but one in a while, until it answers', () => {
  let steady = 0;
  const silence = new Silence(
    () => 1_000_000 + steady,
    () => steady,
  );
  const passes = () => {
    try {
      silence.assertAnswering('GitLab');
      return true;
    } catch (error) {
      return (error as { retryAt: number }).retryAt;
    }
  };
  for (let n = 0; n < 3; n++) {
    expect(passes()).toBe(true);
    silence.unanswered();
  }
  expect(passes()).toBe(1_015_000);
  steady = 14_999;
  expect(passes()).toBe(1_015_000);
  steady = 15_000;
  // One finds out; the others do not wait for it.
  expect([passes(), passes()]).toEqual([true, 1_030_000]);
  silence.unanswered();
  expect(passes()).toBe(1_030_000);
  steady = 30_000;
  expect(passes()).toBe(true);
  silence.answered();
  expect([passes(), passes()]).toEqual([true, true]);
});
