import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { buildHistory, type HistoryStep } from '../../git/history.ts';
import { createRepository, openRepository } from '../../git/repository.ts';
import { runGit } from '../../git/run-git.ts';
import type { World } from '../state/world.ts';

/** Where the finished histories are kept, so that a reset copies files instead of running git. */
export function templateFolder(world: World): string {
  return join(world.gitDir, 'templates');
}

/** The folder of a bare repository with this history; built the first time it is asked for. `from` = on top of another one. */
export function templateRepository(
  world: World,
  key: string,
  steps: () => HistoryStep[],
  from?: Promise<string>,
): Promise<string> {
  const known = world.templates.get(key);
  if (known !== undefined) return known;
  const built = build(join(templateFolder(world), key), steps, from);
  world.templates.set(key, built);
  return built;
}

async function build(
  directory: string,
  steps: () => HistoryStep[],
  from: Promise<string> | undefined,
): Promise<string> {
  if (from !== undefined) cpSync(await from, directory, { recursive: true });
  const repository =
    from === undefined ? await createRepository(directory, { defaultBranch: 'main' }) : await openRepository(directory);
  await buildHistory(repository, steps());
  // One pack instead of many small files: copying is what a reset costs.
  await runGit(directory, ['repack', '-a', '-d', '-q']);
  repository.close();
  return directory;
}
