import { GitError, type TagInfo } from '../../git/repository.ts';
import { badParameter, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { oneOf, requiredText, text } from '../http/input.ts';
import { keysetHeaders, keysetStart, offsetPage, pageOf, wantsKeyset } from '../http/paginate.ts';
import { presentCommit } from '../present/commit.ts';
import { actorOf, codeProjectOf, projectRole } from '../state/access.ts';
import { actingAs } from '../state/acting.ts';
import { isProtected } from '../state/protected.ts';
import { ACCESS, type ProjectRecord, type UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { matchesSearch } from './branches.ts';

export function presentTag(world: World, project: ProjectRecord, tag: TagInfo): Record<string, unknown> {
  const release = project.releases.get(tag.name);
  return {
    name: tag.name,
    message: tag.message.replace(/\n$/, ''),
    target: tag.target,
    commit: presentCommit(world, project, tag.commit),
    release: release === undefined ? null : { tag_name: tag.name, description: release.description ?? '' },
    protected: isProtected(project.protectedTags, tag.name) !== null,
    created_at: tag.createdAt,
  };
}

/** Sorting 50,000 tags is done once per state of the repository: git hands out the same array until a tag changes. */
const sorted = new WeakMap<readonly TagInfo[], Map<string, TagInfo[]>>();

async function orderedTags(
  project: ProjectRecord,
  orderBy: 'name' | 'updated' | 'version',
  descending: boolean,
): Promise<TagInfo[]> {
  const tags = await project.repository.tags();
  const orders = sorted.get(tags) ?? new Map<string, TagInfo[]>();
  sorted.set(tags, orders);
  const key = `${orderBy}:${descending}`;
  const known = orders.get(key);
  if (known !== undefined) return known;
  const compare = COMPARE[orderBy];
  const ordered = [...tags].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
  orders.set(key, ordered);
  return ordered;
}

const COMPARE: Record<'name' | 'updated' | 'version', (a: TagInfo, b: TagInfo) => number> = {
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  updated: (a, b) => stamp(a) - stamp(b) || (a.name < b.name ? -1 : 1),
  version: (a, b) => compareVersions(a.name, b.name),
};

function stamp(tag: TagInfo): number {
  return Date.parse(tag.createdAt ?? tag.commit.committedDate);
}

/** Like git's `version:refname`: runs of digits compare as numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const numeric = /^\d/.test(one) && /^\d/.test(other) ? Number(one) - Number(other) : 0;
    if (numeric !== 0) return numeric;
    if (one !== other && !(/^\d/.test(one) && /^\d/.test(other))) return one < other ? -1 : 1;
  }
  return 0;
}

export async function listTags(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const orderBy = oneOf(call.input, 'order_by', ['name', 'updated', 'version']) ?? 'updated';
  const descending = (oneOf(call.input, 'sort', ['asc', 'desc']) ?? 'desc') === 'desc';
  const search = text(call.input, 'search');
  const all = await orderedTags(project, orderBy, descending);
  const found = search === null || search === '' ? all : all.filter(tag => matchesSearch(tag.name, search));
  const present = (tag: TagInfo) => presentTag(call.world, project, tag);
  if (!wantsKeyset(call)) {
    if (text(call.input, 'page_token') !== null) throw badParameter('page_token is invalid');
    return offsetPage(call, found, present);
  }
  const { perPage } = pageOf(call);
  const start = keysetStart(call, found, tag => tag.name, 'page_token');
  return ok(
    found.slice(start, start + perPage).map(present),
    keysetHeaders(call, found, start, perPage, tag => tag.name, 'page_token'),
  );
}

export async function getTag(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const tag = await project.repository.tag(call.params['tag_name'] ?? '');
  if (tag === null) throw notFound('Tag');
  return ok(presentTag(call.world, project, tag));
}

/** Protected tags are for those the rule names; others for Developers. */
export function mayTag(world: World, project: ProjectRecord, name: string, user: UserRecord | null): boolean {
  const role = projectRole(world, user, project);
  const rule = isProtected(project.protectedTags, name);
  return role >= ACCESS.developer && (rule === null || (rule.pushLevel > 0 && role >= rule.pushLevel));
}

export async function postTag(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const name = requiredText(call.input, 'tag_name');
  const ref = requiredText(call.input, 'ref');
  const tag = await createTag(call, project, name, ref, text(call.input, 'message'));
  return created(presentTag(call.world, project, tag));
}

/** A message makes the tag annotated. Every refusal is 400, although the documentation promises 405 for some. */
export async function createTag(
  call: Call,
  project: ProjectRecord,
  name: string,
  ref: string,
  message: string | null,
): Promise<TagInfo> {
  const actor = actorOf(call);
  if (!mayTag(call.world, project, name, call.user)) {
    throw forbidden();
  }
  try {
    return await actingAs(actor, () =>
      project.repository.createTag({
        name,
        revision: ref,
        message: message === null || message === '' ? undefined : message,
        tagger: { name: actor.user.name, email: actor.user.email },
      }),
    );
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.kind === 'exists') throw refuse(400, `Tag ${name} already exists`);
    if (error.kind === 'not-found') throw refuse(400, `Target ${ref} is invalid`);
    throw refuse(400, 'Tag name invalid');
  }
}

export async function deleteTag(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const name = call.params['tag_name'] ?? '';
  if ((await project.repository.tag(name)) === null) throw notFound('Tag');
  const rule = isProtected(project.protectedTags, name);
  if (rule !== null && projectRole(call.world, call.user, project) < ACCESS.maintainer) throw forbidden();
  await actingAs(actorOf(call), () => project.repository.deleteTag(name));
  project.releases.delete(name);
  return noContent();
}
