import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { operation } from './scenario.ts';

const schema = z.object({
  scenarios: z.object({
    cases: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        expect_patch: z.string(),
        expect_conventional: z.string(),
        ciback: z.number().optional(),
        ops: z.array(operation),
      }),
    ),
  }),
  semver_order: z.object({
    ascending: z.array(z.string()),
    equal: z.array(z.array(z.string())),
    invalid: z.array(z.string()),
  }),
  go_tag_visibility: z.object({ tags: z.record(z.string(), z.union([z.boolean(), z.string()])) }),
  tag_prefix: z.array(
    z.object({
      module: z.string(),
      go_mod_dir: z.string(),
      tag_for: z.string().nullable(),
      tag: z.string().nullable(),
    }),
  ),
  autotag: z.object({
    cases: z.array(
      z.object({
        name: z.string(),
        scheme: z.enum(['autotag', 'conventional']),
        nextCommit: z.string().optional(),
        commits: z.array(z.string()).optional(),
        initialTag: z.string(),
        extraTags: z.array(z.string()).optional(),
        prefix: z.string().optional(),
        preReleaseName: z.string().optional(),
        preReleaseTimestampLayout: z.enum(['epoch', 'datetime']).optional(),
        clock: z.string().optional(),
        buildMetadata: z.string().optional(),
        expected: z.string(),
      }),
    ),
    minor_bump: z.array(z.object({ from: z.string(), to: z.string() })),
    patch_bump: z.array(z.object({ from: z.string(), to: z.string() })),
  }),
});
export type SharedCases = z.infer<typeof schema>;

/**
 * The tagging cases that lie beside the project; null where they are absent, which a continuous integration must not
 * accept and anyone else is told loudly.
 */
export function readSharedCases(): SharedCases | null {
  const file = new URL('../../../../../shared/tagging/cases.json', import.meta.url);
  if (existsSync(file)) return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (process.env['CI'])
    throw new Error('../shared/tagging/cases.json is missing: the shared tagging cases cannot run');
  console.warn('NOT RUN: ../shared/tagging/cases.json is missing, the shared tagging cases were not tested');
  return null;
}
