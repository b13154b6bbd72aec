import { buildHistory, type HistoryStep } from '../../git/history.ts';
import { createIssue } from '../state/issues.ts';
import { createMergeRequest } from '../state/merge-requests.ts';
import type { ProjectRecord } from '../state/records.ts';
import { settled, type World } from '../state/world.ts';
import type { People } from './people.ts';
import { COLUMNS } from './seed.ts';
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
    createIssue(world, actor, project, {
      title: `Bulk issue ${index}`,
      labels: [COLUMNS[index % COLUMNS.length] ?? 'To Do'],
    });
  }
  const count = options.merge_requests ?? 0;
  const steps: HistoryStep[] = [];
  for (let index = 1; index <= count; index += 1) {
    steps.push({
      commit: `Bulk change ${index}\n`,
      branch: `bulk/${index}`,
      author: { name: 'Developer', email: 'developer@example.com', date: '2026-03-02T09:00:00+01:00' },
      from: 'main',
      files: { [`bulk/${index}.txt`]: `${index}\n` },
    });
  }
  if (count > 0) await buildHistory(project.repository, steps);
  for (let index = 1; index <= count; index += 1) {
    await createMergeRequest(world, actor, project, project, {
      title: `Bulk merge request ${index}`,
      sourceBranch: `bulk/${index}`,
      targetBranch: 'main',
    });
  }
  await settled(world);
}
