import type { CommitInfo } from '../../git/repository.ts';
import type { ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { commitUrl } from './urls.ts';

export function presentCommit(world: World, project: ProjectRecord, commit: CommitInfo): Record<string, unknown> {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: commit.committedDate,
    parent_ids: commit.parentShas,
    title: commit.title,
    message: commit.message,
    author_name: commit.authorName,
    author_email: commit.authorEmail,
    authored_date: commit.authoredDate,
    committer_name: commit.committerName,
    committer_email: commit.committerEmail,
    committed_date: commit.committedDate,
    trailers: commit.trailers,
    extended_trailers: commit.extendedTrailers,
    web_url: commitUrl(world, project, commit.sha),
  };
}

/** `CommitDetail`: with statistics and the last pipeline's status. */
export async function presentCommitDetail(
  world: World,
  project: ProjectRecord,
  commit: CommitInfo,
  withStats = true,
): Promise<Record<string, unknown>> {
  const statuses = project.commitStatuses.filter(status => status.sha === commit.sha);
  const pipeline = [...project.pipelines.values()].findLast(candidate => candidate.sha === commit.sha);
  return {
    ...presentCommit(world, project, commit),
    ...(withStats ? { stats: await project.repository.stats(commit.sha) } : {}),
    status: statuses.at(-1)?.status ?? null,
    project_id: project.id,
    last_pipeline: pipeline === undefined ? null : presentPipeline(world, project, pipeline.id),
  };
}

/** The pipeline's status is that of its statuses: one failed fails all, one open keeps it running. */
export function pipelineStatus(project: ProjectRecord, pipelineId: number): string {
  const latest = new Map<string, string>();
  for (const status of project.commitStatuses)
    if (status.pipelineId === pipelineId) latest.set(status.name, status.status);
  const all = [...latest.values()];
  for (const status of ['failed', 'canceled', 'running', 'pending']) if (all.includes(status)) return status;
  return all.length === 0 ? 'created' : all.every(status => status === 'skipped') ? 'skipped' : 'success';
}

export function presentPipeline(
  world: World,
  project: ProjectRecord,
  pipelineId: number,
): Record<string, unknown> | null {
  const pipeline = project.pipelines.get(pipelineId);
  if (pipeline === undefined) return null;
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipelineStatus(project, pipeline.id),
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: pipeline.updatedAt,
    web_url: `${world.baseUrl}/${project.fullPath}/-/pipelines/${pipeline.id}`,
  };
}
