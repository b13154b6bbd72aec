import type { Look } from '../../engine/automation.ts';
import { isAsked } from '../../engine/work/asked.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import type { RacesContext } from './context.ts';
import { runningTime } from './exposure.ts';
import type { IssueFact, NewSightings, RaceMemory, RaceSituation } from './facts.ts';
import { firstHeard } from './gather-builds.ts';
import { gatherProject } from './gather-project.ts';
import { gatherTalk, NO_TALK, type Talk } from './gather-talk.ts';
import { dayIn } from './limits.ts';
import { rulesOf } from './rules.ts';
import { readStatus } from './status-block.ts';
import {
  type BoxDocument,
  type Cell,
  cellKey,
  type DayDocument,
  type IssueDocument,
  KIND,
  type LinkDocument,
  type RaceDocument,
} from './store.ts';
import { unknownRace } from './unknown-race.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROWS_SHOWN = 30;
const BUILDS_ASKED = 20;

type OwnCell = Cell & { key: string };

/** Reads everything that the decision on one race hangs on: what boxes reported, and what GitLab says now. */
export async function gather(look: Look<RaceMemory>, context: RacesContext): Promise<RaceSituation> {
  const { documents, settings, gitlab } = context;
  const { project } = settings;
  const fingerprint = look.subject;
  const now = look.now();
  const today = dayIn(settings.time_zone, now);
  const race = (await documents.read<RaceDocument>(KIND.race, fingerprint))?.body ?? null;
  if (!race) return unknownRace(fingerprint, settings, now, today);

  const link = (await documents.read<LinkDocument>(KIND.link, fingerprint))?.body ?? null;
  const issue = await findIssue(fingerprint, link, context);
  const own = issue && ((await documents.read<IssueDocument>(KIND.issue, `${project}#${issue.iid}`))?.body ?? null);
  const isOwner = issue !== null && (own === null || own.owner === fingerprint);
  const attached = await attachedRaces(isOwner ? (own?.attached ?? []) : [], context);
  const [talk, boxes] = await Promise.all([
    issue ? gatherTalk(gitlab, settings, issue.iid, today) : Promise.resolve(NO_TALK),
    documents.list<BoxDocument>(KIND.box).then(rows => rows.map(row => row.body)),
  ]);
  const cells: OwnCell[] = [{ fingerprint, race }, ...attached].flatMap(each =>
    each.race.cells.map(cell => ({ ...cell, key: cellKey(each.fingerprint, cell) })),
  );
  const handled = handledBy(look.memory, link);
  const freshCells = cells.filter(cell => cell.count > (handled.cells[cell.key] ?? 0));
  const allVariants = [{ race }, ...attached].flatMap(each => each.race.variants.map(variant => variant.id));
  const closedAt = issue?.closed_at ? Date.parse(issue.closed_at) : null;
  const fixes = issue?.state === 'closed' ? await fixesOf(context, issue.iid, closedAt ?? 0) : [];
  const heard = firstHeard(cells, boxes);
  const describeBuild = (build: string) => context.builds.describe(build, fixes, heardBefore(heard, build, closedAt));
  const fresh = await Promise.all(
    freshCells.slice(-BUILDS_ASKED).map(
      async (cell): Promise<NewSightings> => ({
        host: cell.host,
        build: cell.build === null ? null : await describeBuild(cell.build),
        count: cell.count - (handled.cells[cell.key] ?? 0),
        lastAt: cell.lastAt,
      }),
    ),
  );
  const status = issue ? readStatus(issue.description ?? '') : null;
  const isForeign = look.memory === null && link === null && status && !(await isReserved(fingerprint, context));
  const before = look.memory?.before ?? (isForeign ? { count: status.count, firstAt: status.firstAt } : null);
  const shownCells = cells.filter(cell => (handled.cells[cell.key] ?? 0) > 0);
  const firstAt = Math.min(...cells.map(cell => cell.firstAt), before?.firstAt || Number.POSITIVE_INFINITY);
  const shownCount = shownCells.reduce((sum, cell) => sum + (handled.cells[cell.key] ?? 0), before?.count ?? 0);
  const dayBase = look.memory?.dayBase?.day === today ? look.memory.dayBase.cells : handled.cells;
  const inProject = await gatherProject(context, {
    fingerprint,
    race,
    now,
    today,
    wanted: issue === null || issue.state === 'closed',
  });
  const human = { ...talk.verdict };
  const circle = human.mergedInto !== null && (await isCircle(context, own, human.mergedInto));
  const faults = circle
    ? [...talk.faults, { note: 0, by: '', why: 'circle' as const, line: `/signalbox merge #${human.mergedInto}` }]
    : talk.faults;
  if (circle) human.mergedInto = null;
  const attachedTo = await attachedToOf(look.memory, context);
  return {
    now,
    today,
    asked: isAsked(look.reasons),
    known: true,
    label: settings.label,
    confidential: settings.confidential,
    settings: rulesOf(settings),
    race: { fingerprint, confidence: race.confidence, rank: inProject.rank },
    fresh,
    newVariants: freshCells.length > 0 ? allVariants.filter(id => !handled.variants.includes(id)) : [],
    shown: {
      hosts: [...new Set(shownCells.map(cell => cell.host))],
      builds: [...new Set(shownCells.flatMap(cell => cell.build ?? []))],
      perDay: shownCount / Math.max(1, (now - firstAt) / DAY),
      notedOn: talk.notedOn,
    },
    issue: issue && issueFact(issue, closedAt),
    missingLabel: inProject.missingLabel,
    dependencyLabel: inProject.hasDependencyLabel ? settings.dependency_label : null,
    openedToday: inProject.openedToday,
    baseline: inProject.baseline,
    neighbours: inProject.neighbours,
    fannedOutTo: attachedTo?.by === 'fan-out' ? attachedTo.iid : null,
    suppression: inProject.suppression,
    suppressionFault: inProject.suppressionFault,
    human,
    view: {
      project,
      title: race.title,
      type: race.type,
      detector: race.detector,
      incomplete: race.incomplete,
      firstAt,
      lastAt: Math.max(...cells.map(cell => cell.lastAt)),
      count: cells.reduce((sum, cell) => sum + cell.count, before?.count ?? 0),
      rows: rows(cells, {}),
      today: rows(cells, dayBase),
      variants: new Set(allVariants).size,
      attached: attached.map(each => each.race.title),
      toldApartFrom: inProject.toldApartFrom,
      cleanHours: closedAt === null ? null : await cleanHours(context, boxes, fixes, closedAt),
    },
    talk: {
      hasStatus: isOwner && status !== null,
      status: status?.state ?? null,
      todaysNote: talk.todaysNote,
      faults,
    },
    relink: issue !== null && isOwner && differs(link, issue, own),
    takeUp: takeUpOf(talk, race, fingerprint, inProject),
    attachedTo,
    cells: Object.fromEntries(cells.map(cell => [cell.key, cell.count])),
    handled: handled.cells,
    before,
    allVariants,
  };
}

function issueFact(issue: WrittenIssue, closedAt: number | null): IssueFact {
  const { iid, state, discussion_locked: locked, user_notes_count: notes } = issue;
  return { iid, state, closedAt: state === 'closed' ? closedAt : null, locked: locked ?? false, notes };
}

/** By what is remembered, or, when that is lost or the issue is gone, by the markers of our issues. */
async function findIssue(
  fingerprint: string,
  link: LinkDocument | null,
  { gitlab, settings, inventory }: RacesContext,
): Promise<WrittenIssue | null> {
  const linked = link && (await gitlab.issueTexts.find(settings.project, link.iid));
  if (linked) return linked;
  const marked = await inventory.find(fingerprint);
  // As it is now: the inventory is some minutes old.
  return marked && gitlab.issueTexts.find(settings.project, marked.iid);
}

async function attachedRaces(
  fingerprints: readonly string[],
  { documents }: RacesContext,
): Promise<{ fingerprint: string; race: RaceDocument }[]> {
  const races = await Promise.all(
    fingerprints.map(async fingerprint => {
      const stored = await documents.read<RaceDocument>(KIND.race, fingerprint);
      return stored ? [{ fingerprint, race: stored.body }] : [];
    }),
  );
  return races.flat();
}

/**
 * Whether this database has begun to make the race's issue. An issue that is not linked is then its own, made by a look that was
 * cut off, and what it tells is counted here already; else it is from before the database was lost.
 */
async function isReserved(fingerprint: string, { documents, settings }: RacesContext): Promise<boolean> {
  const days = await documents.list<DayDocument>(KIND.day, { prefix: `${settings.project}/`, newest: true });
  return days.some(day => day.body.opened.includes(fingerprint));
}

/** What has been decided about: remembered, or told by the issue when it was made. */
function handledBy(
  memory: RaceMemory | null,
  link: LinkDocument | null,
): { cells: Record<string, number>; variants: string[] } {
  const cells = { ...memory?.cells };
  for (const [key, count] of Object.entries(link?.told.cells ?? {})) cells[key] = Math.max(cells[key] ?? 0, count);
  return { cells, variants: [...(memory?.variants ?? []), ...(link?.told.variants ?? [])] };
}

/** A build that was there before the issue was closed cannot hold the fix; a later one may or may not. */
function heardBefore(heard: ReadonlyMap<string, number>, build: string, closedAt: number | null): number | null {
  const at = heard.get(build);
  return at !== undefined && closedAt !== null && at <= closedAt ? at : null;
}

/** The commits of merge requests that closed the issue. */
async function fixesOf({ gitlab, settings }: RacesContext, iid: number, closedAt: number): Promise<string[]> {
  const closers = await gitlab.issueTexts.closedBy(settings.project, iid);
  return closers
    .filter(each => each.state === 'merged' && Date.parse(each.merged_at ?? '') <= closedAt + HOUR)
    .flatMap(each => each.merge_commit_sha ?? each.squash_commit_sha ?? each.sha ?? []);
}

async function cleanHours(
  { builds }: RacesContext,
  boxes: readonly BoxDocument[],
  fixes: readonly string[],
  closedAt: number,
): Promise<number> {
  const recent = new Set(
    boxes.flatMap(box => box.sessions.filter(each => each.endedAt > closedAt).flatMap(each => each.build ?? [])),
  );
  const fixed = new Set<string>();
  for (const build of [...recent].slice(-BUILDS_ASKED)) {
    const { containsFix, builtAt } = await builds.describe(build, fixes, null);
    if (containsFix ?? (builtAt !== null && builtAt > closedAt)) fixed.add(build);
  }
  return Math.floor(runningTime(boxes, closedAt, build => build !== null && fixed.has(build)) / HOUR);
}

function rows(cells: readonly OwnCell[], since: Readonly<Record<string, number>>): RaceSituation['view']['rows'] {
  const merged = new Map<string, Cell>();
  for (const { key, ...cell } of cells) {
    const count = cell.count - (since[key] ?? 0);
    if (count <= 0) continue;
    const name = JSON.stringify([cell.host, cell.build]);
    const known = merged.get(name);
    if (!known) merged.set(name, { ...cell, count });
    else {
      known.count += count;
      known.firstAt = Math.min(known.firstAt, cell.firstAt);
      known.lastAt = Math.max(known.lastAt, cell.lastAt);
    }
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count || (a.host < b.host ? -1 : 1)).slice(0, ROWS_SHOWN);
}

function differs(link: LinkDocument | null, issue: WrittenIssue, own: IssueDocument | null): boolean {
  const closedAt = issue.state === 'closed' && issue.closed_at ? Date.parse(issue.closed_at) : null;
  return (
    own === null || link === null || link.iid !== issue.iid || link.state !== issue.state || link.closedAt !== closedAt
  );
}

function takeUpOf(
  talk: Talk,
  race: RaceDocument,
  fingerprint: string,
  known: { lookThrough: readonly string[]; apart: readonly string[] },
): RaceSituation['takeUp'] {
  const { split, lookThrough } = talk.verdict;
  const sites = split ? race.sites.map(site => site.replace(/^@/, '').split('<')[0] ?? '') : [];
  const wanted = [...lookThrough, ...sites].filter(name => name !== '' && name !== '?');
  const more = [...new Set(wanted)].filter(name => !known.lookThrough.includes(name));
  const apart = wanted.length > 0 && !known.apart.includes(fingerprint);
  return more.length > 0 || apart ? { lookThrough: more, apart } : null;
}

/** Two races that are each told in the other's issue would be told nowhere. */
async function isCircle(
  { documents, settings }: RacesContext,
  own: IssueDocument | null,
  into: number,
): Promise<boolean> {
  const target = await documents.read<IssueDocument>(KIND.issue, `${settings.project}#${into}`);
  return target !== null && own?.attached.includes(target.body.owner) === true;
}

async function attachedToOf(
  memory: RaceMemory | null,
  { documents, settings }: RacesContext,
): Promise<RaceSituation['attachedTo']> {
  if (!memory?.attached) return null;
  const { iid, by } = memory.attached;
  const issue = await documents.read<IssueDocument>(KIND.issue, `${settings.project}#${iid}`);
  return { iid, by, owner: issue?.body.owner ?? null };
}
