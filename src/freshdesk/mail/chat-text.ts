import { z } from 'zod';

/** A chat's message, as Freshdesk gives it in place of HTML: parts of text, files, buttons. */
const chatSchema = z.object({
  body_contents: z.array(
    z.object({
      type: z.string(),
      data: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});

/** The text of a chat's message; of parts without text their kind. Null where it is none. */
export function chatText(structured: unknown): string | null {
  const parsed = chatSchema.safeParse(structured);
  if (!parsed.success) return null;
  const lines = parsed.data.body_contents.map(({ type, data }) => {
    const text = ['content', 'label', 'name', 'title'].map(key => data?.[key]).find(each => typeof each === 'string');
    return typeof text === 'string' && text.trim() !== '' ? text : `(${type})`;
  });
  return lines.length === 0 ? null : lines.join('\n');
}
