import { buildHistory, type HistoryStep } from '../../git/history.ts';
import { runGit } from '../../git/run-git.ts';
import { registerMergeRequest } from '../state/create-merge-request.ts';
import { createIssue } from '../state/issues.ts';
import type { ProjectRecord } from '../state/records.ts';
import { nextId, now, type World } from '../state/world.ts';
import { COLUMNS } from './columns.ts';
import type { People } from './people.ts';
import type { SeedOptions } from './seed-options.ts';

/** Many issues and merge requests, for measuring and for lists that need pages. */
export async function seedBulk(
  world: World,
  { developer }: People,
  project: ProjectRecord,
  options: SeedOptions,
): Promise<void> {
  const actor = { user: developer, eventUuid: null };
  for (let index = 1; index <= (options.issues ?? 0); index += 1) {
    const labels = [COLUMNS[index % COLUMNS.length] ?? 'To Do'];
    createIssue(world, actor, project, { title: `Bulk issue ${index}`, labels });
  }
  await seedMergeRequests(world, actor, project, options.merge_requests ?? 0);
}

/** Prepared without asking git for each: all are one commit on top of main. */
async function seedMergeRequests(
  world: World,
  actor: Parameters<typeof registerMergeRequest>[1],
  project: ProjectRecord,
  count: number,
): Promise<void> {
  const main = await project.repository.resolve('main');
  if (count === 0 || main === null) return;
  const steps = Array.from({ length: count }, (_, index): HistoryStep => {
    const name = String(index + 1);
    return {
      commit: `Bulk change ${name}\n`,
      branch: `bulk/${name}`,
      mark: name,
      author: { name: 'Developer', email: 'developer@example.com', date: '2026-03-02T09:00:00+01:00' },
      from: 'main',
      files: { [`bulk/${name}.txt`]: `${name}\n` },
    };
  });
  const shas = await buildHistory(project.repository, steps);
  const refs: string[] = [];
  for (const [name, headSha] of shas) {
    const input = { title: `Bulk merge request ${name}`, sourceBranch: `bulk/${name}`, targetBranch: 'main' };
    const item = registerMergeRequest(world, actor, project, project, headSha, input);
    const createdAt = now(world);
    item.diffs.push({ id: nextId(world, 'merge_request_diffs'), baseSha: main, startSha: main, headSha, createdAt });
    item.changesCount = 1;
    item.mergeStatus = 'can_be_merged';
    item.preparedAt = createdAt;
    refs.push(`create refs/merge-requests/${item.iid}/head ${headSha}\n`);
  }
  await runGit(project.repository.path, ['update-ref', '--stdin'], refs.join(''));
  await project.repository.refresh();
}
