import { pipelineStatus } from '../present/commit.ts';
import type { MergeRequestRecord, PipelineRecord, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

const IN_PROGRESS = ['created', 'waiting_for_resource', 'preparing', 'pending', 'running', 'scheduled'];

/** The newest pipeline of what is to be merged. */
export function headPipeline(project: ProjectRecord, item: MergeRequestRecord): PipelineRecord | undefined {
  return [...project.pipelines.values()].findLast(pipeline => pipeline.sha === item.headSha);
}

export function isInProgress(project: ProjectRecord, pipeline: PipelineRecord): boolean {
  return IN_PROGRESS.includes(pipelineStatus(project, pipeline.id));
}

/** Puts a new pipeline into its project, without any job or status in it yet. */
export function addPipeline(
  world: World,
  project: ProjectRecord,
  pipeline: Pick<PipelineRecord, 'sha' | 'ref' | 'source' | 'userId'>,
): PipelineRecord {
  const at = now(world);
  const id = nextId(world, 'pipelines');
  const made = {
    id,
    iid: project.nextIids.pipeline++,
    projectId: project.id,
    ...pipeline,
    createdAt: at,
    updatedAt: at,
  };
  project.pipelines.set(id, made);
  return made;
}

/**
 * There is no CI here, but a `.gitlab-ci.yml` that asks for merge request pipelines gets one, which no runner ever takes:
 * clients that wait for it, or merge when it succeeds, meet what they expect.
 */
export async function startMergeRequestPipeline(
  world: World,
  userId: number,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  const file = await project.repository.readFile(item.headSha, '.gitlab-ci.yml');
  if (file === null || !file.content.includes('merge_request_event')) return;
  const ref = `refs/merge-requests/${item.iid}/head`;
  addPipeline(world, project, { sha: item.headSha, ref, source: 'merge_request_event', userId });
}
