import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MessageFacts } from './facts.ts';
import { partName, planParts } from './plan-parts.ts';

const message = (id: number, isPrivate = false, length = 100) => ({ id, private: isPrivate, length }) as MessageFacts;
const options = { singles: 3, confidential: true };

it('gives few messages a comment each, private ones an internal one', () => {
  expect(planParts([message(1), message(2, true), message(3)], options)).toEqual([
    { messages: [1], internal: false },
    { messages: [2], internal: true },
    { messages: [3], internal: false },
  ]);
});

it('packs many in their order; in a confidential issue private ones with the others, internally', () => {
  const messages = [message(1), message(2, true), message(3), message(4)];
  expect(planParts(messages, options)).toEqual([{ messages: [1, 2, 3, 4], internal: true }]);
  expect(planParts(messages, { ...options, confidential: false })).toEqual([
    { messages: [1, 3, 4], internal: false },
    { messages: [2], internal: true },
  ]);
});

it('loses none, doubles none, shows no private one openly, and keeps the order within each comment', () => {
  const anyMessages = fc.array(fc.record({ private: fc.boolean(), length: fc.integer({ min: 0, max: 600_000 }) }), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(anyMessages, fc.boolean(), (drawn, confidential) => {
      const messages = drawn.map((each, index) => message(index + 1, each.private, each.length));
      const parts = planParts(messages, { singles: 15, confidential });
      const ids = parts.flatMap(part => part.messages);
      expect(ids.toSorted((a, b) => a - b)).toEqual(messages.map(each => each.id));
      for (const part of parts) {
        expect(part.messages).toEqual(part.messages.toSorted((a, b) => a - b));
        if (!part.internal) expect(part.messages.some(id => messages[id - 1]?.private)).toBe(false);
        const length = part.messages.reduce((sum, id) => sum + (messages[id - 1]?.length ?? 0), 0);
        expect(part.messages.length === 1 || length <= 250_000).toBe(true);
      }
      if (confidential) expect(ids).toEqual(messages.map(each => each.id));
      expect(new Set(parts.map(partName)).size).toBe(parts.length);
    }),
  );
});
