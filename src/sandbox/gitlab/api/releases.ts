import type { CommitInfo } from '../../git/repository.ts';
import { releaseAssets, releaseEvent } from '../events/release-event.ts';
import { badParameter, conflict, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { demand, has, list, oneOf, record, requiredText, text } from '../http/input.ts';
import { offsetPageAsync } from '../http/paginate.ts';
import { presentCommit } from '../present/commit.ts';
import { presentMilestone } from '../present/milestone.ts';
import { projectUrl } from '../present/urls.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, codeProjectOf, projectRole } from '../state/access.ts';
import { ACCESS, type ProjectRecord, type ReleaseRecord } from '../state/records.ts';
import { nextId, now } from '../state/world.ts';
import { linkOf } from './release-links.ts';
import { createTag, mayTag } from './tags.ts';

export async function presentRelease(
  call: Call,
  project: ProjectRecord,
  release: ReleaseRecord,
): Promise<Record<string, unknown>> {
  const { world } = call;
  const commit = await commitOf(project, release);
  const web = projectUrl(world, project);
  const tag = encodeURIComponent(release.tag);
  const milestones = release.milestoneIds.flatMap(id => project.milestones.get(id) ?? []);
  return {
    name: release.name,
    tag_name: release.tag,
    description: release.description ?? '',
    created_at: release.createdAt,
    released_at: release.releasedAt,
    upcoming_release: Date.parse(release.releasedAt) > Date.now(),
    author: presentUserId(world, release.authorId),
    commit: commit === null ? null : presentCommit(world, project, commit),
    ...(milestones.length === 0
      ? {}
      : {
          milestones: milestones.map(milestone => ({
            ...presentMilestone(world, milestone),
            issue_stats: { total: 0, closed: 0 },
          })),
        }),
    commit_path: commit === null ? '' : `/${project.fullPath}/-/commit/${commit.sha}`,
    tag_path: `/${project.fullPath}/-/tags/${release.tag}`,
    assets: assetsOf(releaseAssets(world, project, release)),
    evidences: [],
    _links: {
      closed_issues_url: `${web}/-/issues?release_tag=${tag}&scope=all&state=closed`,
      closed_merge_requests_url: `${web}/-/merge_requests?release_tag=${tag}&scope=all&state=closed`,
      edit_url: `${web}/-/releases/${tag}/edit`,
      merged_merge_requests_url: `${web}/-/merge_requests?release_tag=${tag}&scope=all&state=merged`,
      opened_issues_url: `${web}/-/issues?release_tag=${tag}&scope=all&state=opened`,
      opened_merge_requests_url: `${web}/-/merge_requests?release_tag=${tag}&scope=all&state=opened`,
      self: `${web}/-/releases/${tag}`,
    },
  };
}

/** The API's links lack the `external` that webhooks have. */
function assetsOf(assets: Record<string, unknown>): Record<string, unknown> {
  const links = assets['links'] as Record<string, unknown>[];
  return {
    count: assets['count'],
    sources: assets['sources'],
    links: links.map(({ external: _external, ...link }) => link),
  };
}

async function commitOf(project: ProjectRecord, release: ReleaseRecord): Promise<CommitInfo | null> {
  return (await project.repository.tag(release.tag))?.commit ?? null;
}

export async function listReleases(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const field =
    oneOf(call.input, 'order_by', ['released_at', 'created_at']) === 'created_at' ? 'createdAt' : 'releasedAt';
  const direction = oneOf(call.input, 'sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const all = [...project.releases.values()].sort(
    (a, b) => direction * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : a.id - b.id),
  );
  return offsetPageAsync(call, all, release => presentRelease(call, project, release));
}

export function releaseOf(call: Call, project: ProjectRecord): ReleaseRecord {
  const release = project.releases.get(call.params['tag_name'] ?? '');
  // Who may not create releases is not told which there are.
  if (release === undefined)
    throw projectRole(call.world, call.user, project) >= ACCESS.reporter ? notFound() : forbidden();
  return release;
}

export async function getRelease(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  return ok(await presentRelease(call, project, releaseOf(call, project)));
}

export async function getLatestRelease(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const latest = [...project.releases.values()].sort((a, b) => (a.releasedAt < b.releasedAt ? 1 : -1))[0];
  if (latest === undefined) throw notFound();
  return ok(await presentRelease(call, project, latest));
}

/**
 * Makes a release, and its tag if that is missing. When the tag is there it is taken as it is, wherever it points:
 * two jobs with the same tag name end in one release on the first one's commit, without an error.
 */
export async function postRelease(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const { input, world } = call;
  demand(input, 'tag_name');
  const tag = requiredText(input, 'tag_name');
  if (!mayTag(world, project, tag, call.user))
    throw forbidden('You are not allowed to create this tag as it is protected.');
  if (project.releases.has(tag)) throw conflict('Release already exists');
  const milestoneIds = milestonesOf(call, project);
  if ((await project.repository.tag(tag)) === null) {
    const ref = text(input, 'ref');
    if (ref === null || ref === '') throw refuse(422, 'Ref is not specified');
    await createTag(call, project, tag, ref, text(input, 'tag_message'));
  }
  const at = now(world);
  const releasedAt = text(input, 'released_at');
  const release: ReleaseRecord = {
    id: nextId(world, 'releases'),
    tag,
    name: text(input, 'name') ?? tag,
    description: text(input, 'description'),
    authorId: actorOf(call).user.id,
    createdAt: at,
    releasedAt: releasedAt === null ? at : dateOf(releasedAt),
    milestoneIds,
    links: [],
  };
  for (const link of (record(input, 'assets')?.['links'] as Record<string, unknown>[] | undefined) ?? []) {
    release.links.push(linkOf(world, link));
  }
  project.releases.set(tag, release);
  releaseEvent(world, actorOf(call), project, release, await commitOf(project, release), 'create');
  return created(await presentRelease(call, project, release));
}

function dateOf(value: string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw badParameter('released_at is invalid');
  return date.toISOString();
}

function milestonesOf(call: Call, project: ProjectRecord): number[] {
  const titles = list(call.input, 'milestones') ?? [];
  const missing = titles.filter(
    title => ![...project.milestones.values()].some(milestone => milestone.title === title),
  );
  if (missing.length > 0) throw refuse(400, `Milestone(s) not found: ${missing.join(', ')}`);
  return [...project.milestones.values()]
    .filter(milestone => titles.includes(milestone.title))
    .map(milestone => milestone.id);
}

export async function putRelease(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const release = releaseOf(call, project);
  const { input, world } = call;
  const names = ['name', 'description', 'released_at', 'milestones', 'milestone_ids'];
  if (!names.some(name => has(input, name)))
    throw badParameter(`${names.join(', ')} are missing, at least one parameter must be provided`);
  release.name = text(input, 'name') ?? release.name;
  if (has(input, 'description')) release.description = text(input, 'description');
  const releasedAt = text(input, 'released_at');
  if (releasedAt !== null) release.releasedAt = dateOf(releasedAt);
  if (has(input, 'milestones')) release.milestoneIds = milestonesOf(call, project);
  releaseEvent(world, actorOf(call), project, release, await commitOf(project, release), 'update');
  return ok(await presentRelease(call, project, release));
}

/** The tag stays. */
export async function deleteRelease(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const release = releaseOf(call, project);
  const body = await presentRelease(call, project, release);
  project.releases.delete(release.tag);
  releaseEvent(call.world, actorOf(call), project, release, await commitOf(project, release), 'delete');
  return ok(body);
}
