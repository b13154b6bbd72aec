import { expect, it } from 'vitest';
import { restAfter } from './rest.ts';

const MIB = 1024 * 1024;

it.each([
  { when: 'a few deliveries wait', took: 5, arriving: true, unread: 2 * MIB, rest: 0 },
  { when: 'a flood comes in', took: 5, arriving: true, unread: 3 * MIB, rest: 45 },
  { when: 'a flood comes in on a slow disk', took: 800, arriving: true, unread: 3 * MIB, rest: 1000 },
  { when: 'a flood has ebbed', took: 5, arriving: false, unread: 500 * MIB, rest: 0 },
  { when: 'a flood lasts so long that the log grows too large', took: 5, arriving: true, unread: 1024 * MIB, rest: 0 },
])('rests $rest ms when $when', ({ rest, ...reading }) => {
  expect(restAfter(reading)).toBe(rest);
});
