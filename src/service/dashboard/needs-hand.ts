import { sql } from 'kysely';
import { quietBoxes } from '../../automations/races/exposure.ts';
import { type BoxDocument, KIND } from '../../automations/races/store.ts';
import { RELEASE, type ReleaseDocument, releaseKey } from '../../automations/release/model.ts';
import type { Settings } from '../../config/schema.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { listRecords } from '../../engine/records/list-records.ts';
import type { Database } from '../../storage/database.ts';
import { failedRuns, LOOKED_THROUGH } from '../failed-runs.ts';

/** Something that does not mend itself. */
export interface Hand {
  /** `wrong`: something stands still until a person acts. `soon`: it works, and will not for ever. */
  urgency: 'wrong' | 'soon';
  what: 'dead-letter' | 'release' | 'webhook' | 'token' | 'box' | 'board';
  title: string;
  detail: string;
  /** Where everything about it can be read. */
  key: string;
  since: string;
}

const MOST = 200;
const MANY_FAILURES = 5;

export interface HandOptions {
  database: Database;
  documents: Documents;
  settings: Settings;
  now: () => number;
}

/** What needs a hand, the gravest first; read from what the automations have decided, nothing is stored for it. */
export async function listHands({ database, documents, settings, now }: HandOptions): Promise<Hand[]> {
  const hands = await Promise.all([
    deadLetters(database),
    failingKeys(database),
    failedReleases(documents),
    quietSoakBoxes(documents, settings, now()),
    ...WATCHED.map(watched => fromVerdicts(database, watched)),
  ]);
  const rank = { wrong: 0, soon: 1 };
  return hands
    .flat()
    .toSorted((a, b) => rank[a.urgency] - rank[b.urgency] || b.since.localeCompare(a.since))
    .slice(0, MOST);
}

async function deadLetters({ query }: Database): Promise<Hand[]> {
  const rows = await query
    .selectFrom('work')
    .select(['key', 'dead_at', 'error'])
    .where('dead_at', 'is not', null)
    .orderBy('dead_at', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(row => ({
    urgency: 'wrong',
    what: 'dead-letter',
    title: 'Laid aside after too many failed looks',
    detail: described(row.error),
    key: row.key,
    since: iso(Number(row.dead_at)),
  }));
}

/** Keys that are never laid aside, such as those of schedules, and fail all the same. */
async function failingKeys({ query }: Database): Promise<Hand[]> {
  const rows = await query
    .selectFrom('work')
    .select(['key', 'attempts', 'error', 'last_finished_at', 'due_at'])
    .where('due_at', 'is not', null)
    // As it stands in the index of those: see migrations/0005-pages.ts.
    .where('attempts', '>=', sql.lit(MANY_FAILURES))
    .orderBy('attempts', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(row => ({
    urgency: 'soon',
    what: 'dead-letter',
    title: `Has failed ${row.attempts} times in a row`,
    detail: described(row.error),
    key: row.key,
    since: iso(Number(row.last_finished_at ?? row.due_at)),
  }));
}

function described(error: string | null): string {
  const { code, detail } = error === null ? {} : (JSON.parse(error) as { code?: string; detail?: string });
  return [code, detail].filter(Boolean).join(': ');
}

async function failedReleases(documents: Documents): Promise<Hand[]> {
  const releases = await documents.list<ReleaseDocument>(RELEASE, { newest: true, limit: LOOKED_THROUGH });
  return failedRuns(releases.map(row => row.body)).map(({ release, run }) => {
    const { product, version } = release;
    const state = (release.state === 'rejected' ? release.state : run.state).replace('_', ' ');
    const end = run.exit === null ? '' : ` ended with ${run.exit}`;
    return {
      urgency: 'wrong',
      what: 'release',
      title: `${product} ${version} ${state} in ${run.environment}`,
      detail: `Attempt ${run.attempt} in ${run.environment} (${run.how} by ${run.by})${end}`,
      key: releaseKey(product, version),
      since: iso(run.endedAt ?? release.committedAt),
    };
  });
}

/** Asked anew, because a box that begins to report should not stand here until it is looked for again. */
async function quietSoakBoxes(documents: Documents, { races }: Settings, now: number): Promise<Hand[]> {
  if (!races) return [];
  const boxes = (await documents.list<BoxDocument>(KIND.box)).map(row => row.body);
  return quietBoxes(boxes, races, now).map(({ box, why, since }) => ({
    urgency: 'soon',
    what: 'box',
    title: `${box}: ${why}`,
    detail: 'From a box that says nothing, no report is no good news.',
    key: `race-boxes:${races.project}`,
    since: iso(since ?? now),
  }));
}

interface Watched {
  automation: string;
  keys: string;
  what: Hand['what'];
  /** Verdicts that need nobody. */
  fine: RegExp;
  /** Verdicts about something that has stopped already; the others are warnings. */
  wrong: RegExp;
}

/** Keys that look after the surroundings: their verdict is the news. */
const WATCHED: readonly Watched[] = [
  { automation: 'webhook-care', keys: 'webhooks:', what: 'webhook', fine: /^the webhook works/, wrong: /./ },
  { automation: 'token-care', keys: 'token:', what: 'token', fine: /^(good|not told)/, wrong: /^expired/ },
  { automation: 'board', keys: 'board:', what: 'board', fine: /a label for each$/, wrong: /./ },
];

async function fromVerdicts({ query }: Database, watched: Watched): Promise<Hand[]> {
  const { automation, keys, what, fine, wrong } = watched;
  const records = await listRecords(query, { automation, keys, few: true, limit: MOST });
  return records
    .filter(({ verdict }) => !fine.test(verdict))
    .map(({ key, verdict, because, since }) => ({
      urgency: wrong.test(verdict) ? 'wrong' : 'soon',
      what,
      title: `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`,
      detail: because.join(' '),
      key,
      since: iso(since),
    }));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
