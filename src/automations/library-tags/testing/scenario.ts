import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { TestRepository } from '../../../git-protocol/testing/git-repository.ts';

/** One operation of a tagging case, as the `ops_legend` of the shared cases explains the letters. */
export const operation = z.union([
  z.tuple([z.literal('c'), z.string(), z.record(z.string(), z.string()).optional()]),
  z.tuple([z.literal('c'), z.string()]),
  z.tuple([z.literal('a'), z.string(), z.string()]),
  z.tuple([z.literal('nest'), z.string(), z.string()]),
  z.tuple([z.enum(['t', 'blob', 'b', 'co', 'm', 'orphan', 'branchonly']), z.string()]),
  z.tuple([z.enum(['revert', 'ciback'])]),
]);
export type Operation = z.infer<typeof operation>;

/** Builds the case; returns the commit whose pipeline runs. */
export function playScenario(repository: TestRepository, operations: readonly Operation[], back = 0): string {
  let serial = 0;
  for (const step of operations) {
    serial += 1;
    play(repository, step, serial);
  }
  return repository.git(['rev-parse', back > 0 ? `HEAD~${back}` : 'HEAD']);
}

function play({ git, directory }: TestRepository, step: Operation, serial: number): void {
  switch (step[0]) {
    case 'c':
      for (const [path, text] of Object.entries(step[2] ?? { [`file-${serial}`]: `${serial}\n` })) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      git(['add', '-A']);
      git(['commit', '-q', '--allow-empty', '--cleanup=verbatim', '-F', '-'], step[1]);
      return;
    case 't':
      git(['update-ref', `refs/tags/${step[1]}`, 'HEAD']);
      return;
    case 'a':
      git(['tag', '-a', '-m', step[2], step[1]]);
      return;
    case 'nest':
      git(['tag', '-a', '-m', 'nested', step[1], step[2]]);
      return;
    case 'blob':
      git(['update-ref', `refs/tags/${step[1]}`, git(['hash-object', '-w', '--stdin'], `blob ${serial}`)]);
      return;
    case 'b':
      git(['checkout', '-q', '-b', step[1]]);
      return;
    case 'co':
      git(['checkout', '-q', step[1], '--']);
      return;
    case 'm':
      git(['merge', '-q', '--no-ff', '--no-edit', `refs/heads/${step[1]}`]);
      return;
    case 'orphan':
      git(['checkout', '-q', '--orphan', step[1]]);
      return;
    case 'branchonly':
      git(['update-ref', `refs/heads/${step[1]}`, 'HEAD']);
      return;
    case 'revert':
      git(['revert', '--no-edit', 'HEAD']);
      return;
    case 'ciback':
      return;
  }
}
