import { z } from 'zod';
import type { RedactionRule } from '../../../freshdesk/mail/mail-types.ts';
import { builtInRules, REDACTION_NAMES } from './rules.ts';

const ownRule = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9 -]{0,39}$/, 'must be some words of letters and digits')
    .describe('What stands in the text instead: `[<name> removed]`.'),
  pattern: z
    .string()
    .min(1)
    .max(2000)
    .superRefine((pattern, context) => {
      const compiled = compile(pattern);
      if (typeof compiled === 'string') context.addIssue({ code: 'custom', message: compiled });
      else if (compiled.test('')) context.addIssue({ code: 'custom', message: 'matches the empty text' });
    })
    .describe(
      'A JavaScript regular expression; upper and lower case are the same, `^` and `$` are ends of lines. With a group `(?<secret>…)` only that is removed.',
    ),
});

export const redactSettings = z
  .strictObject({
    off: z.array(z.enum(REDACTION_NAMES)).prefault([]).describe('Built-in rules that are not wanted.'),
    own: z
      .array(ownRule)
      .prefault([])
      .describe('More rules. One that takes too long on a message keeps that message from being copied, nothing else.'),
  })
  .prefault({})
  .describe(
    'What is taken out of everything that is copied: passwords, keys, communities, tokens. Files are copied as they are.',
  );

export type RedactSettings = z.output<typeof redactSettings>;

/** All rules in force, as the conversion of mails takes them. */
export function redactionRules({ off, own }: RedactSettings): RedactionRule[] {
  return [...builtInRules(off), ...own.map(({ name, pattern }) => ({ name, pattern, flags: 'im' }))];
}

function compile(pattern: string): RegExp | string {
  try {
    return new RegExp(pattern, 'im');
  } catch (error) {
    return (error as Error).message;
  }
}
