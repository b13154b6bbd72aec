import { badParameter, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { bool, demand, integer, oneOf, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { pipelineStatus, presentPipeline } from '../present/commit.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, codeProjectOf, projectRole } from '../state/access.ts';
import { mergeWhatWaited } from '../state/auto-merge.ts';
import { addPipeline } from '../state/pipelines.ts';
import { ACCESS, type CommitStatusRecord, type PipelineRecord, type ProjectRecord } from '../state/records.ts';
import { nextId, now, type World } from '../state/world.ts';
import { commitOf } from './commits.ts';

const STATES = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const;
const TRANSITIONS: Record<string, string[]> = {
  pending: ['running', 'success', 'failed', 'canceled', 'skipped'],
  running: ['success', 'failed', 'canceled', 'skipped'],
};

function presentStatus(world: World, status: CommitStatusRecord): Record<string, unknown> {
  return {
    id: status.id,
    sha: status.sha,
    ref: status.ref,
    status: status.status,
    name: status.name,
    target_url: status.targetUrl,
    description: status.description,
    created_at: status.createdAt,
    started_at: status.startedAt,
    finished_at: status.finishedAt,
    allow_failure: status.allowFailure,
    coverage: status.coverage,
    pipeline_id: status.pipelineId,
    author: presentUserId(world, status.authorId),
  };
}

export async function listStatuses(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  const all = bool(call.input, 'all') === true;
  const name = text(call.input, 'name');
  const ref = text(call.input, 'ref');
  const latest = new Map<string, CommitStatusRecord>();
  const found = project.commitStatuses.filter(
    status =>
      status.sha === commit.sha && (name === null || status.name === name) && (ref === null || status.ref === ref),
  );
  for (const status of found) latest.set(`${status.ref}:${status.name}`, status);
  return offsetPage(call, all ? found : [...latest.values()], status => presentStatus(call.world, status));
}

/** Sets the state of a check on a commit; a pipeline with source `external` is made if there is none. */
export async function postStatus(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  if (projectRole(call.world, call.user, project) < ACCESS.developer) throw forbidden();
  const { input, world } = call;
  demand(input, 'state');
  const state = oneOf(input, 'state', STATES)!;
  const sha = call.params['sha'] ?? '';
  if (!/^[0-9a-f]{40}$/.test(sha)) throw badParameter('sha is invalid');
  const commit = await project.repository.commit(sha);
  if (commit === null) throw notFound('Commit');
  const description = text(input, 'description');
  if (description !== null && description.length > 255)
    throw refuse(400, { description: ['is too long (maximum is 255 characters)'] });
  const ref = text(input, 'ref') ?? (await refOf(project, sha));
  if (ref === null) throw notFound('References for commit');
  const name = text(input, 'name') ?? text(input, 'context') ?? 'default';
  const pipeline = pipelineFor(world, project, actorOf(call).user.id, sha, ref, integer(input, 'pipeline_id'));
  const at = now(world);
  const existing = project.commitStatuses.findLast(
    status => status.pipelineId === pipeline.id && status.name === name && status.ref === ref,
  );
  const open = existing !== undefined && existing.status in TRANSITIONS;
  if (open && !TRANSITIONS[existing.status]?.includes(state)) {
    throw refuse(
      400,
      `Cannot transition status via :${state === 'pending' ? 'enqueue' : 'run'} from :${existing.status} (Reason(s): Status cannot transition via "${state === 'pending' ? 'enqueue' : 'run'}")`,
    );
  }
  const status: CommitStatusRecord = open
    ? existing
    : {
        id: nextId(world, 'jobs'),
        sha,
        ref,
        status: state,
        name,
        targetUrl: null,
        description: null,
        coverage: null,
        authorId: actorOf(call).user.id,
        pipelineId: pipeline.id,
        createdAt: at,
        startedAt: null,
        finishedAt: null,
        allowFailure: false,
      };
  if (!open) project.commitStatuses.push(status);
  status.status = state;
  status.targetUrl = text(input, 'target_url') ?? status.targetUrl;
  status.description = description ?? status.description;
  if (input['coverage'] !== undefined) status.coverage = Number(input['coverage']);
  if (state === 'running') status.startedAt = at;
  if (['success', 'failed', 'canceled'].includes(state)) status.finishedAt = at;
  pipeline.updatedAt = at;
  mergeWhatWaited(world, project, sha);
  return created(presentStatus(world, status));
}

async function refOf(project: ProjectRecord, sha: string): Promise<string | null> {
  const refs = await project.repository.refsContaining(sha);
  const branches = refs.filter(ref => ref.type === 'branch').map(ref => ref.name);
  if (branches.length > 0)
    return branches.includes(project.defaultBranch) ? project.defaultBranch : (branches[0] ?? null);
  const item = [...project.mergeRequests.values()].find(candidate => candidate.headSha === sha);
  return item?.sourceBranch ?? null;
}

function pipelineFor(
  world: World,
  project: ProjectRecord,
  userId: number,
  sha: string,
  ref: string,
  wanted: number | null,
): PipelineRecord {
  const known = [...project.pipelines.values()].findLast(
    pipeline => (wanted === null || pipeline.id === wanted) && pipeline.sha === sha && pipeline.ref === ref,
  );
  if (known !== undefined) return known;
  if (wanted !== null) throw notFound('Pipeline for pipeline_id, sha and ref');
  return addPipeline(world, project, { sha, ref, source: 'external', userId });
}

export function listPipelines(call: Call): Answer {
  const project = codeProjectOf(call);
  const [sha, ref, status] = [text(call.input, 'sha'), text(call.input, 'ref'), text(call.input, 'status')];
  const found = [...project.pipelines.values()].filter(
    pipeline =>
      (sha === null || pipeline.sha === sha) &&
      (ref === null || pipeline.ref === ref) &&
      (status === null || pipelineStatus(project, pipeline.id) === status),
  );
  return offsetPage(call, found.reverse(), pipeline => presentPipeline(call.world, project, pipeline.id));
}

export function getPipeline(call: Call): Answer {
  const project = codeProjectOf(call);
  const found = presentPipeline(call.world, project, Number(call.params['pipeline_id']));
  if (found === null) throw notFound();
  return ok(found);
}
