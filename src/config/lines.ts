import { z } from 'zod';
import { name } from './fields.ts';

/** A release line and the branch that carries it. */
export const releaseLine = z.strictObject({
  name: name.describe('The line as people call it, in quotes: "5.3". YAML reads 5.10 without quotes as 5.1.'),
  branch: z
    .string()
    .regex(/^(?!-)[^\s\p{Cc}~^:?*[\\]{1,255}$/u, 'must be the name of one branch, such as release/5.3')
    .describe('The branch that carries the line, for example main or release/5.3.'),
});

export type ReleaseLine = z.output<typeof releaseLine>;

/** Where in `5.10` the comparison with its neighbour starts to count: as numbers, never as text. */
function numbers(line: unknown): number[] | undefined {
  const text = (line as { name?: unknown } | null | undefined)?.name;
  return typeof text === 'string' && /^v?\d+(\.\d+)*$/.test(text)
    ? text.replace('v', '').split('.').map(Number)
    : undefined;
}

function isNewer(a: number[], b: number[]): boolean {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/**
 * The release lines, newest first. The order decides which way a merge goes, and the wrong way round would turn every
 * verdict into its opposite; so where the names are numbers, they must agree with it.
 */
export const releaseLines = z
  .array(releaseLine)
  .min(1, 'must list at least one line')
  .superRefine(
    (lines, context) => {
      if (!Array.isArray(lines)) return;
      for (const key of ['name', 'branch'] as const) {
        const seen = new Set<unknown>();
        lines.forEach((line, index) => {
          const value = (line as Partial<ReleaseLine> | null)?.[key];
          if (value !== undefined && seen.has(value))
            context.addIssue({ code: 'custom', path: [index, key], message: 'is there twice' });
          seen.add(value);
        });
      }
      for (let index = 1; index < lines.length; index++) {
        const newer = numbers(lines[index - 1]);
        const older = numbers(lines[index]);
        if (newer !== undefined && older !== undefined && isNewer(older, newer))
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: 'is newer than the line above it: list the newest line first',
          });
      }
    },
    { when: () => true },
  );
