import { readMarker } from '../../gitlab/text/marker.ts';
import type { RacesContext } from './context.ts';
import type { RaceSituation } from './facts.ts';
import { MARKER } from './status-block.ts';
import {
  type ChangeSet,
  changeSet,
  type DayDocument,
  type IssueDocument,
  KIND,
  type LinkDocument,
  NEW_PROJECT,
  type ProjectDocument,
  type RaceDocument,
  type WaitingDocument,
} from './store.ts';

const TRIES = 30;

/** Reads, changes and stores documents together, again if somebody was faster. */
async function together(
  { documents }: RacesContext,
  change: (changes: ChangeSet) => Promise<{ key: string; reason: string }[]>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const changes = changeSet(documents);
    const signals = await change(changes);
    if (await changes.submit({ signals })) return;
  }
  throw new Error('these documents are changed by too many at once');
}

/**
 * Takes one of the day's new issues for this race, or finds it taken; false when there is none left, and then the race is
 * looked at again. Two looks at the same moment would otherwise both see the last one free.
 */
export async function reserveToday(context: RacesContext, facts: RaceSituation): Promise<boolean> {
  const { fingerprint } = facts.race;
  const id = `${context.settings.project}/${facts.today}`;
  let reserved = false;
  await together(context, async changes => {
    const { opened } = (await changes.read<DayDocument>(KIND.day, id)) ?? { opened: [] };
    reserved = opened.includes(fingerprint) || opened.length < facts.settings.dailyCap;
    if (reserved && !opened.includes(fingerprint)) {
      await changes.write<DayDocument>(KIND.day, id, { opened: [...opened, fingerprint] });
    }
    return reserved ? [] : [{ key: `race:${fingerprint}`, reason: "today's issues are all taken" }];
  });
  return reserved;
}

/** Remembers the issue of a race; `told` where the issue was just made and tells of all that was seen. */
export async function linkTo(
  context: RacesContext,
  facts: RaceSituation,
  { iid, state, told }: { iid: number; state: LinkDocument['state']; told: boolean },
): Promise<void> {
  const { project } = context.settings;
  const { fingerprint } = facts.race;
  await together(context, async changes => {
    const before = await changes.read<LinkDocument>(KIND.link, fingerprint);
    const race = await changes.read<RaceDocument>(KIND.race, fingerprint);
    const isSame = before?.iid === iid;
    await changes.write<LinkDocument>(KIND.link, fingerprint, {
      project,
      iid,
      state,
      closedAt: state === 'closed' ? (facts.issue?.closedAt ?? null) : null,
      detector: facts.view.detector,
      sites: race?.sites ?? ['?', '?'],
      told:
        told && !isSame
          ? { cells: { ...facts.cells }, variants: [...facts.allVariants] }
          : (before?.told ?? { cells: {}, variants: [] }),
    });
    const own = await changes.read<IssueDocument>(KIND.issue, `${project}#${iid}`);
    const last = before && !isSame ? await changes.read<IssueDocument>(KIND.issue, `${project}#${before.iid}`) : null;
    // Races that were told in the closed issue are told in the one that follows it.
    const attached = [...new Set([...(own?.attached ?? []), ...(last?.attached ?? [])])];
    await changes.write<IssueDocument>(KIND.issue, `${project}#${iid}`, { owner: fingerprint, attached });
    return [];
  });
}

/** From now on the race is told in another one's issue; an issue of nobody's becomes its own. */
export async function attachTo(context: RacesContext, facts: RaceSituation, iid: number): Promise<void> {
  const { project } = context.settings;
  const id = `${project}#${iid}`;
  const { fingerprint } = facts.race;
  const issue = await context.gitlab.issueTexts.find(project, iid);
  if (!issue) return;
  const marked = readMarker(issue.description ?? '', MARKER.race)?.key.replace(/^race:/, '') ?? fingerprint;
  const known = await context.documents.read<IssueDocument>(KIND.issue, id);
  const owner = known?.body.owner ?? marked;
  if (owner === fingerprint) {
    await linkTo(context, facts, { iid, state: issue.state, told: false });
    return;
  }
  await together(context, async changes => {
    const { attached } = (await changes.read<IssueDocument>(KIND.issue, id)) ?? { attached: [] };
    const all = [...new Set([...attached, fingerprint])];
    await changes.write<IssueDocument>(KIND.issue, id, { owner, attached: all });
    return [{ key: `race:${owner}`, reason: 'another race is told in its issue' }];
  });
}

export async function detachFrom(context: RacesContext, fingerprint: string, iid: number): Promise<void> {
  const id = `${context.settings.project}#${iid}`;
  await together(context, async changes => {
    const issue = await changes.read<IssueDocument>(KIND.issue, id);
    if (!issue?.attached.includes(fingerprint)) return [];
    const attached = issue.attached.filter(each => each !== fingerprint);
    await changes.write<IssueDocument>(KIND.issue, id, { ...issue, attached });
    return [
      { key: `race:${issue.owner}`, reason: 'a race is no longer told in its issue' },
      { key: `race:${fingerprint}`, reason: 'it is told by itself again' },
    ];
  });
}

/** What members said about telling races apart; it decides about reports that come from now on. */
export async function takeUp(
  context: RacesContext,
  fingerprint: string,
  { lookThrough, apart }: { lookThrough: readonly string[]; apart: boolean },
): Promise<void> {
  await together(context, async changes => {
    const known = (await changes.read<ProjectDocument>(KIND.project, context.settings.project)) ?? NEW_PROJECT;
    await changes.write<ProjectDocument>(KIND.project, context.settings.project, {
      ...known,
      lookThrough: [...new Set([...known.lookThrough, ...lookThrough])],
      apart: apart ? [...new Set([...known.apart, fingerprint])] : known.apart,
    });
    return [];
  });
}

export async function tellInDigest(context: RacesContext, facts: RaceSituation, why: string): Promise<void> {
  const { project } = context.settings;
  const { view, race, today } = facts;
  const hosts = [...new Set(view.rows.map(row => row.host))];
  const body: WaitingDocument = { fingerprint: race.fingerprint, title: view.title, count: view.count, hosts, why };
  await context.documents.submit({
    changes: [{ kind: KIND.waiting, id: `${project}/${today}/${race.fingerprint}`, body }],
    signals: [{ key: `race-digest:${project}/${today}`, reason: 'a race is told in the digest' }],
  });
}
