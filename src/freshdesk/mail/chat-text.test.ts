import { expect, test } from 'vitest';
import { chatText } from './chat-text.ts';

test.each([
  [
    {
      body_contents: [
        { type: 'text', data: { content: 'It fails.' } },
        { type: 'image', data: {} },
      ],
    },
    'It fails.\n(image)',
  ],
  [{ body_contents: [{ type: 'button', data: { label: 'Yes' } }, { type: 'audio' }] }, 'Yes\n(audio)'],
  [{ body_contents: [] }, null],
  [null, null],
  ['text', null],
])('%j', (structured, text) => {
  expect(chatText(structured)).toBe(text);
});
