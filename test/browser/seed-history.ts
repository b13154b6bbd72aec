import { KIND as ESCALATION, NEW_ESCALATION, NOTHING_RETURNED } from '../../src/automations/escalation/documents.ts';
import { KIND } from '../../src/automations/races/store.ts';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { CHANNEL, RELEASE } from '../../src/automations/release/model.ts';
import { createDocuments, type DocumentChange } from '../../src/engine/documents/documents.ts';
import { recordDecision } from '../../src/engine/records/record-decision.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import type { Service } from '../../src/service/compose.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const LINES = [
  { line: '5.5', branch: 'main', everyWeeks: 1 },
  { line: '5.4', branch: 'release/5.4', everyWeeks: 2 },
  { line: '5.3', branch: 'release/5.3', everyWeeks: 4 },
];

/** Half a year of a team's work, written where the automations would have written it: for charts, long lists and pictures. */
export async function seedHistory({ database }: Pick<Service, 'database'>): Promise<void> {
  const now = Date.now();
  const documents = createDocuments({ database, pace: DEFAULT_PACE, now: Date.now, wake: () => undefined });
  await documents.submit({ changes: [...releases(now), ...races(now), ...escalations(now)] });
  for (let index = 0; index < 9; index++) {
    const ticket = { subject: SUBJECTS[index % 3], requester: 'Grace Miller', company: CUSTOMERS[index % 3] };
    const page = `https://acme.freshdesk.com/a/tickets/${200 + index}`;
    const key = `ticket:acme.freshdesk.com/${200 + index}`;
    await decided(database, key, 'escalation', 'complete', { ticket: { ...ticket, page } }, 'Everything came along.');
  }
  let iid = 100;
  for (const { line, branch } of LINES) {
    for (let week = 1; week < 24; week++) {
      // A pull of numbers that looks like life and is the same each time.
      const mergedAt = now - week * WEEK - ((week * 37) % 5) * DAY;
      await decided(database, `merge-request:acme/appliance!${iid++}`, 'version-check', `ok: ${line} into ${line}`, {
        state: 'merged',
        targetBranch: branch,
        mergedAt,
      });
    }
  }
  for (let issue = 20; issue < 32; issue++) {
    const stays = issue % 3 === 0;
    const verdict = stays ? 'stays: moved by grace' : issue % 3 === 1 ? 'in In Review' : 'in To Test';
    const because = stays
      ? 'grace moved it, and the merge requests have asked for nothing new since then.'
      : 'It is there already.';
    const linked = [{ project: 'acme/appliance', iid: issue + 80, state: 'opened', draft: issue % 4 === 0 }];
    await decided(database, `issue:acme/appliance#${issue}`, 'board', verdict, { state: 'opened', linked }, because);
  }
}

function releases(now: number): DocumentChange[] {
  return LINES.flatMap(({ line, everyWeeks }) => {
    const weeks = Array.from({ length: Math.floor(24 / everyWeeks) }, (_, index) => index * everyWeeks).toReversed();
    const all = weeks.map((week, index) => {
      const at = now - week * WEEK - 2 * DAY;
      const production = week > 0;
      const run = {
        by: 'build-server',
        how: 'released',
        why: null,
        exit: 0,
        signal: null,
        head: null,
        log: null,
        runId: null,
      };
      const times = { queuedAt: at, notBefore: at, startedAt: at, endedAt: at + 90_000 };
      const runs = ['development', ...(production ? ['production'] : [])].map((environment, place) => ({
        ...run,
        ...times,
        environment,
        attempt: place + 1,
        state: 'released',
        ...(place === 1
          ? {
              by: 'ada',
              how: 'promoted',
              endedAt: at + DAY,
            }
          : {}),
      }));
      const version = `${line}.${index + 10}`;
      return {
        kind: RELEASE,
        id: `appliance/${version}`,
        body: {
          product: 'appliance',
          version,
          line,
          environment: 'development',
          file: `appliance-${version}.tgz`,
          size: 734003200 + index,
          md5: '5'.repeat(32),
          sha256: 'a'.repeat(64),
          state: 'released',
          metadata: { commit: '0123abcd' },
          credential: 'build-server',
          receivedAt: at,
          committedAt: at,
          runs,
          pinned: false,
          yanked: null,
        },
      };
    });
    const head = (back: number) => all.at(-back)?.body.version ?? null;
    const channel = (environment: string, version: string | null) => ({
      kind: CHANNEL,
      id: `appliance/${line}/${environment}`,
      body: {
        head: version,
        arrivals: [],
        history: [
          {
            version,
            at: now - 2 * DAY,
            by: 'build-server',
            how: 'released',
            why: null,
          },
        ],
      },
    });
    return [...all, channel('development', head(1)), channel('production', head(2))];
  });
}

function races(now: number): DocumentChange[] {
  const names = ['Cache', 'Index', 'Valve', 'Gauge', 'Session', 'Backup', 'Mirror', 'Queue', 'Ledger', 'Probe'];
  return names.map((name, index) => {
    const days = Object.fromEntries(
      Array.from({ length: 40 }, (_, day) => day)
        .filter(day => (day * 7 + index * 3) % (index + 2) === 0)
        .map(day => [new Date(now - day * DAY).toISOString().slice(0, 10), 1 + ((day + index) % 5)] as const)
        .toReversed(),
    );
    const count = Object.values(days).reduce((sum, each) => sum + each, 0);
    const text = goReport(`acme.example/pump.(*${name}).Set`, `acme.example/pump.(*${name}).Get`);
    return {
      kind: KIND.race,
      id: `${index}`.padStart(32, 'f'),
      body: {
        project: 'acme/appliance',
        detector: 'go',
        type: 'data race',
        sites: ['a', 'b'],
        incomplete: false,
        title: `Data race: (*${name}).Get ↔ (*${name}).Set (pump)`,
        confidence: 'complete',
        aliases: [],
        from: null,
        receivedAt: now,
        days,
        cells: [
          {
            host: `box-${(index % 4) + 1}`,
            build: '5.5.20',
            count,
            firstAt: now - 40 * DAY,
            lastAt: now - index * DAY,
          },
        ],
        variants: [
          {
            id: 'v',
            count,
            confidence: 'complete',
            text,
            build: '5.5.20',
          },
        ],
      },
    };
  });
}

const CUSTOMERS = ['Northwind Hosting', 'Contoso Print', 'Fabrikam Clinics'];
const SUBJECTS = ['Backup stops at 99 %', 'The web interface is slow since the update', 'Mirror loses its certificate'];

function escalations(now: number): DocumentChange[] {
  return Array.from({ length: 9 }, (_, index) => {
    const requestedAt = now - (9 - index) * 9 * DAY;
    const closed = index % 3 !== 2;
    const project = 'acme/appliance';
    // The last two are about the same.
    const iid = 40 + Math.min(index, 7);
    const id = `acme.freshdesk.com/${200 + index}`;
    const url = `https://gitlab.example.com/acme/appliance/-/issues/${iid}`;
    const body = {
      ...NEW_ESCALATION,
      domain: 'acme.freshdesk.com',
      ticket: 200 + index,
      project,
      requestedBy: 'Ada',
      requestedAt,
      state: 'done',
      follow: true,
      totals: { messages: 3 + index, files: index },
      issue: { project, iid, url, state: closed ? 'closed' : 'opened', labels: ['freshdesk'] },
      finishedAt: requestedAt + HOUR,
    };
    const closing = new Date(requestedAt + (4 + ((index * 5) % 9)) * DAY).toISOString();
    const returned = { ...NOTHING_RETURNED, closedAt: closed ? closing : null };
    return [
      { kind: ESCALATION.escalation, id, body },
      { kind: ESCALATION.returned, id, body: returned },
    ];
  }).flat();
}

async function decided(
  database: Service['database'],
  key: string,
  automation: string,
  verdict: string,
  facts: object,
  because = 'Source and target are of the same line.',
): Promise<void> {
  const decision = { verdict, because: [because], actions: [] };
  const look = { key, automation, facts: facts as never, decision, reasons: [], dryRun: false };
  await recordDecision(database, look, Date.now());
}
