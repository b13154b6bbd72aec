import type { RacesContext } from './context.ts';
import type { RaceSituation } from './facts.ts';
import {
  type DayDocument,
  KIND,
  type LinkDocument,
  NEW_PROJECT,
  type ProjectDocument,
  type RaceDocument,
} from './store.ts';
import { readSuppressions, type Suppression, suppressionOf } from './suppressions.ts';

/** What the other races of the project, its labels and its suppression file say about one race. */
export interface ProjectFacts
  extends Pick<
    RaceSituation,
    'openedToday' | 'baseline' | 'neighbours' | 'suppression' | 'suppressionFault' | 'missingLabel'
  > {
  rank: number;
  hasDependencyLabel: boolean;
  toldApartFrom: number | null;
  lookThrough: readonly string[];
  apart: readonly string[];
}

interface Subject {
  fingerprint: string;
  race: RaceDocument;
  now: number;
  today: string;
  /** Whether an issue may have to be made. */
  wanted: boolean;
}

export async function gatherProject(context: RacesContext, subject: Subject): Promise<ProjectFacts> {
  const { documents, settings } = context;
  const { fingerprint, race, now, today, wanted } = subject;
  const stored = (await documents.read<ProjectDocument>(KIND.project, settings.project))?.body ?? NEW_PROJECT;
  const day = wanted
    ? ((await documents.read<DayDocument>(KIND.day, `${settings.project}/${today}`))?.body ?? null)
    : null;
  const { entries, fault } = await suppressionsOf(context, now);
  const suppression = suppressionOf(entries, { fingerprint, aliases: race.aliases, sites: race.sites }, now);
  const labels = wanted ? await context.labels(now) : null;
  return {
    openedToday: day?.opened.filter(each => each !== fingerprint).length ?? 0,
    baseline: settings.baseline
      ? { until: stored.firstReportAt + settings.baseline.for, top: settings.baseline.top }
      : null,
    rank: rankOf(stored.ranks, fingerprint),
    neighbours: wanted ? await neighboursOf(context, fingerprint, race) : [],
    suppression: suppression && { reason: suppression.reason, owner: suppression.owner, until: suppression.until },
    suppressionFault: fault,
    missingLabel: labels !== null && !labels.includes(settings.label) ? settings.label : null,
    hasDependencyLabel: labels?.includes(settings.dependency_label) ?? false,
    toldApartFrom: race.from === null ? null : await issueOf(context, race.from),
    lookThrough: stored.lookThrough,
    apart: stored.apart,
  };
}

function rankOf(ranks: ProjectDocument['ranks'], fingerprint: string): number {
  const own = ranks[fingerprint];
  if (!own) return Object.keys(ranks).length + 1;
  const before = Object.entries(ranks).filter(
    ([other, { boxes, count }]) =>
      boxes > own.boxes || (boxes === own.boxes && (count > own.count || (count === own.count && other < fingerprint))),
  );
  return before.length + 1;
}

async function neighboursOf({ documents }: RacesContext, fingerprint: string, race: RaceDocument): Promise<number[]> {
  const links = await documents.list<LinkDocument>(KIND.link, { newest: true });
  return links
    .filter(({ id, body }) => id !== fingerprint && body.project === race.project && body.state === 'opened')
    .filter(({ body }) => body.detector === race.detector && body.sites.some(site => race.sites.includes(site)))
    .map(({ body }) => body.iid)
    .toSorted((a, b) => a - b);
}

async function issueOf({ documents }: RacesContext, fingerprint: string): Promise<number | null> {
  return (await documents.read<LinkDocument>(KIND.link, fingerprint))?.body.iid ?? null;
}

async function suppressionsOf(
  context: RacesContext,
  now: number,
): Promise<{ entries: Suppression[]; fault: string | null }> {
  const { settings } = context;
  if (settings.suppressions === false) return { entries: [], fault: null };
  const text = await context.suppressionFile(now);
  if (text === null) return { entries: [], fault: null };
  const { entries, fault } = readSuppressions(text);
  return { entries, fault: fault && `${settings.suppressions}: ${fault}` };
}
