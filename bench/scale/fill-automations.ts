import { sql } from 'kysely';
import type { EscalationDocument, ReturnDocument } from '../../src/automations/escalation/documents.ts';
import { KIND as ESCALATION, NEW_ESCALATION } from '../../src/automations/escalation/documents.ts';
import type { BoxDocument, LinkDocument, RaceDocument } from '../../src/automations/races/store.ts';
import { KIND as RACE } from '../../src/automations/races/store.ts';
import type { Channel } from '../../src/automations/release/channels/move-head.ts';
import { CHANNEL, queuedRun, RELEASE, type ReleaseDocument } from '../../src/automations/release/model.ts';
import type { Database } from '../../src/storage/database.ts';
import { minuteOf, numbers, spread } from './fill-journal.ts';

const DAY = 86_400_000;
const PROJECTS = 97;
const TICKETS = 2_000;
const RACES = 1_000;
const LIBRARIES = 60;
const TAGS = 200;
/** Of three lines, each day one for development; each week one of them goes to production. */
const RELEASE_DAYS = 500;
const LINES = ['5.5', '5.4', '5.3'];
const AT_ONCE = 100;

const BOARD: readonly [string, number][] = [
  ['in To Test', 50],
  ['moves to In Review', 20],
  ['stays: moved by ada', 20],
  ['stays: nothing is asked for', 9],
  ['not there', 1],
];

/**
 * What the other automations have come to beside so many merge requests: half as many issues on the board, of which many have
 * failed or were laid aside; tickets, races, libraries, and the releases of a year and a half.
 */
export async function fillAutomations(database: Database, mergeRequests: number): Promise<void> {
  const now = Date.now();
  await fillBoard(database, mergeRequests / 2, now);
  await insert(database, 'records', [...surroundings(now), ...libraries(now), ...tickets(now)]);
  await insert(database, 'documents', [...escalations(now), ...races(now), ...releases(now)]);
  if (database.engine === 'postgres') await sql`vacuum analyze`.execute(database.query);
}

async function fillBoard({ query }: Database, issues: number, now: number): Promise<void> {
  const rows = numbers(0, issues);
  const key = sql`'issue:acme/p' || (i % ${sql.lit(PROJECTS)}) || '#' || i`;
  const at = minuteOf(sql`i * 20`);
  const error = sql.lit(JSON.stringify({ code: 'SBX_REMOTE_FAILED', detail: 'HTTP 500', at: now }));
  // Due tomorrow: nobody may look at them meanwhile.
  const tomorrow = sql.lit(now + DAY);
  await sql`insert into work (key, kind, reasons, burst, due_at, attempts, dead_at, error, last_finished_at) ${rows}
    select ${key}, 'issue', '[]', 1, case when i % 10 = 0 then ${tomorrow} + i end, case when i % 20 = 0 then 5 + i % 7 else 0 end,
      case when i % 20 = 1 then ${at} end, case when i % 20 < 2 then ${error} end, ${at} from n`.execute(query);
  const linked = JSON.stringify([{ project: 'acme/p1', iid: 7, state: 'merged', draft: false }]);
  const facts = sql.lit(`{"project":"acme/p1","state":"opened","linked":${linked},"rest":"${'x'.repeat(1200)}"}`);
  await sql`insert into records (key, automation, facts, verdict, because, plan, fingerprint, decided_at, since, journal_seq)
    ${rows} select ${key}, 'board', ${facts}, ${spread(BOARD, sql`i`)}, '["A merge request speaks of it."]', '[]', 'f',
      ${at}, ${at}, i from n`.execute(query);
}

function record(key: string, automation: string, verdict: string, at: number, facts: object) {
  const rest = { because: '["It is so."]', plan: '[]', fingerprint: 'f', decided_at: at, since: at, journal_seq: 1 };
  return { key, automation, verdict, facts: JSON.stringify(facts), ...rest };
}

function document(kind: string, id: string, changedAt: number, body: object) {
  return { kind, id, body: JSON.stringify(body), revision: 3, changed_at: changedAt };
}

function surroundings(now: number) {
  return count(PROJECTS).flatMap(n => [
    record(`webhooks:acme/p${n}`, 'webhook-care', n % 9 ? 'the webhook works' : 'the webhook is disabled', now, {}),
    record(`board:acme/p${n}`, 'board', n % 9 ? '6 columns, a label for each' : 'there is no label To Test', now, {}),
  ]);
}

function libraries(now: number) {
  const tags = count(TAGS).map(n => ({ name: `v1.${Math.floor(n / 10)}.${n % 10}`, peeled: 'a'.repeat(40) }));
  return count(LIBRARIES).flatMap(n => {
    const project = `acme/lib-${n}`;
    const bumps = [
      { library: project, from: 'v1.2.0', to: 'v1.3.0', dir: '', path: project, tag: 'v1.3.0', unmet: [] },
    ];
    const own = tags.slice(-50).map(({ name }) => ({ name, oid: 'b'.repeat(40), commit: 'a'.repeat(40), at: now }));
    return [
      record(`library:${project}`, 'library-tags', 'v1.19.9 is the newest', now, {
        project,
        tags,
        tagCount: TAGS,
        own,
      }),
      record(`library-consumer:acme/p${n}@main`, 'library-tags', 'behind', now, {
        project: `acme/p${n}`,
        branch: 'main',
        bumps,
      }),
    ];
  });
}

const ticket = (n: number) => `acme.freshdesk.com/${n + 1000}`;

function tickets(now: number) {
  const messages = count(20).map(id => ({
    id,
    at: '2026-01-01T00:00:00Z',
    author: { name: 'Eve', agent: false },
    incoming: true,
    private: false,
    length: 900,
    leftOut: null,
    copied: true,
  }));
  const files = count(5).map(id => ({
    key: `a${id}`,
    name: 'log.txt',
    size: 9,
    message: id,
    inline: false,
    result: { state: 'copied', name: 'log.txt', size: 9, sha256: 'c'.repeat(64), url: '/uploads/x' },
  }));
  return count(TICKETS).map(n =>
    record(`ticket:${ticket(n)}`, 'escalation', 'everything is copied', now - n * 3_600_000, {
      ticket: {
        id: n,
        page: 'https://x',
        subject: `Backup ${n} fails`,
        requester: 'Eve',
        company: `Company ${n % 50}`,
        tags: [],
      },
      messages,
      files,
    }),
  );
}

function escalations(now: number) {
  return count(TICKETS).flatMap(n => {
    const at = now - n * 3_600_000;
    const issue = {
      project: 'acme/appliance',
      iid: n % 1500,
      url: 'https://x',
      state: n % 3 ? ('closed' as const) : ('opened' as const),
      labels: ['freshdesk'],
    };
    const body: EscalationDocument = {
      ...NEW_ESCALATION,
      domain: 'acme.freshdesk.com',
      ticket: n + 1000,
      project: 'acme/appliance',
      requestedBy: 'Ada',
      requestedAt: at,
      state: n % 50 ? 'done' : 'failed',
      issue,
      totals: { messages: 20, files: 5 },
      finishedAt: at,
      follow: false,
      parts: count(20).map(id => ({ messages: [id], internal: false })),
    };
    const returned: ReturnDocument = {
      closedAt: n % 3 ? new Date(at).toISOString() : null,
      released: [],
      field: null,
      supports: {},
    };
    return [
      document(ESCALATION.escalation, ticket(n), at, body),
      document(ESCALATION.returned, ticket(n), at, returned),
    ];
  });
}

function races(now: number) {
  const text = 'WARNING: DATA RACE\n'.padEnd(3000, 'x');
  const boxes = count(12).map(n => {
    const box: BoxDocument = {
      source: 'box-1',
      host: `soak-${n}`,
      firstHeardAt: now - DAY,
      lastHeardAt: now,
      sessions: count(50).map(each => ({
        build: `5.5.${each}`,
        race: true,
        startedAt: now - each * DAY,
        endedAt: now,
      })),
    };
    return document(RACE.box, `box-1/soak-${n}`, now, box);
  });
  return boxes.concat(
    count(RACES).flatMap(n => {
      const fingerprint = n.toString(16).padStart(16, '0');
      const at = now - n * 60_000;
      const race: RaceDocument = {
        project: 'acme/appliance',
        detector: 'go',
        type: 'data race',
        title: `race ${n}`,
        sites: ['a.go:1', 'b.go:2'],
        incomplete: false,
        confidence: 'complete',
        aliases: [],
        from: null,
        receivedAt: at,
        cells: count(20).map(each => ({
          host: `soak-${each % 12}`,
          build: `5.5.${each}`,
          count: 3,
          firstAt: at,
          lastAt: at,
        })),
        variants: count(3).map(each => ({ id: `${each}`, count: 3, confidence: 'complete', text, build: null })),
        days: Object.fromEntries(count(30).map(each => [new Date(now - each * DAY).toISOString().slice(0, 10), 2])),
      };
      const link: LinkDocument = {
        project: 'acme/appliance',
        iid: n,
        state: n % 2 ? 'closed' : 'opened',
        closedAt: null,
        detector: 'go',
        sites: race.sites,
        told: { cells: {}, variants: [] },
      };
      return [document(RACE.race, fingerprint, at, race), document(RACE.link, fingerprint, at, link)];
    }),
  );
}

function releases(now: number) {
  const versions = LINES.flatMap(line =>
    count(RELEASE_DAYS).map(day => ({ line, day, version: `${line}.${RELEASE_DAYS - day}` })),
  );
  const run = (at: number, environment: string) => ({
    ...queuedRun({ attempt: 1, environment, by: 'ci', queuedAt: at }),
    state: 'released' as const,
    startedAt: at,
    endedAt: at + 60_000,
    exit: 0,
    log: 'x.log',
    runId: 'r'.repeat(32),
    head: { moved: true, because: 'It is the newest.' },
  });
  const all = versions.map(({ line, day, version }) => {
    const at = now - day * DAY;
    const body: ReleaseDocument = {
      product: 'appliance',
      version,
      line,
      environment: 'development',
      file: 'a.tgz',
      size: 9,
      md5: 'd'.repeat(32),
      sha256: 'e'.repeat(64),
      metadata: { commit: 'f'.repeat(40), pipeline: 'https://x', notes: 'y'.repeat(500) },
      // Its bytes are nowhere: the start would find that, and say so of each.
      state: 'rejected',
      credential: 'ci',
      receivedAt: at,
      committedAt: at,
      runs: [run(at, 'development'), ...(day % 7 ? [] : [run(at + DAY, 'production')])],
      pinned: false,
      yanked: null,
    };
    return document(RELEASE, `appliance/${version}`, at, body);
  });
  const channels = LINES.flatMap(line =>
    ['development', 'production'].map(environment => {
      const ours = versions
        .filter(each => each.line === line && (environment === 'development' || each.day % 7 === 0))
        .reverse();
      const arrivals = ours.map(({ version, day }) => ({ version, at: now - day * DAY }));
      const history = arrivals.map(each => ({ ...each, by: 'ci', how: 'released' as const, why: null }));
      const body: Channel = { head: ours.at(-1)?.version ?? null, arrivals, history };
      return document(CHANNEL, `appliance/${line}/${environment}`, now, body);
    }),
  );
  return [...all, ...channels];
}

async function insert(database: Database, table: 'records' | 'documents', rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    await database.query
      .insertInto(table)
      .values(rows.slice(at, at + AT_ONCE) as never)
      .execute();
  }
}

function count(number: number): number[] {
  return Array.from({ length: number }, (_, index) => index);
}
