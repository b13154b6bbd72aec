import { afterAll, beforeAll, expect, it } from 'vitest';
import { KIND } from '../../src/automations/races/store.ts';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { RELEASE } from '../../src/automations/release/model.ts';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { recordDecision } from '../../src/engine/records/record-decision.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { type Dashboard, openDashboard, screenshot } from './dashboard-stage.ts';
import { overhang, settled, unfold } from './in-page.ts';

/** What tickets, branches and logs may hold. */
const MARKUP = '<img src=x onerror="globalThis.pwned = 1"><script>globalThis.pwned = 2</script>';
const BACKWARDS = '\u202eהפוך\u202d \u2067مرحبا\u2066';
const LONG = `${MARKUP}${BACKWARDS}${'A'.repeat(100_000)}`;
const FACTS = {
  project: LONG,
  url: 'javascript:globalThis.pwned=3',
  sourceBranch: MARKUP,
  targetBranch: LONG,
  state: 'opened',
  versions: {
    source: { ok: true, version: MARKUP, line: MARKUP, place: LONG },
    target: { ok: false, reason: MARKUP, detail: LONG },
    base: { ok: false, reason: '', detail: '' },
  },
  linked: [{ project: MARKUP, iid: 1, state: MARKUP, draft: false }],
  tags: [{ name: `${MARKUP}/v1.0.0`, peeled: '0' }],
  bumps: [{ library: LONG, from: MARKUP, to: LONG, path: MARKUP, dir: '', tag: '', unmet: [] }],
  ticket: { subject: LONG, requester: MARKUP, company: BACKWARDS, page: 'javascript:globalThis.pwned=4' },
};

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await openDashboard({ story: false });
  const { database, engine } = dashboard.stage.service;
  const now = Date.now();
  const documents = createDocuments({ database, pace: DEFAULT_PACE, now: Date.now, wake: () => undefined });
  const keys = [
    ['version-check', `merge-request:${MARKUP}!1`, 'blocked'],
    ['board', `issue:${MARKUP}#1`, 'stays'],
    ['library-tags', `library:${MARKUP}`, 'refuse'],
    ['library-tags', `library-consumer:${MARKUP}@main`, 'behind'],
    ['webhook-care', `webhooks:${LONG.slice(0, 5000)}`, 'broken'],
    ['escalation', 'ticket:acme.freshdesk.com/1', 'complete'],
  ] as const;
  for (const [automation, key, verdict] of keys) {
    const decision = { verdict: `${verdict} ${LONG}`, because: [LONG, MARKUP], actions: [] };
    await recordDecision(database, { key, automation, facts: FACTS, decision, reasons: [LONG], dryRun: false }, now);
  }
  const report = goReport(`acme.example/${MARKUP}.Set`, `acme.example/${BACKWARDS}.Get`);
  const cells = [{ host: MARKUP, build: BACKWARDS, count: 3, firstAt: now - 1000, lastAt: now }];
  await documents.submit({
    changes: [
      {
        kind: KIND.race,
        id: 'a'.repeat(32),
        body: {
          project: 'acme/appliance',
          detector: 'go',
          type: 'data race',
          title: LONG,
          sites: [MARKUP, BACKWARDS],
          incomplete: false,
          confidence: 'complete',
          aliases: [],
          from: null,
          receivedAt: now,
          cells,
          variants: [{ id: 'v', count: 3, confidence: 'complete', text: `${report}${LONG}`, build: MARKUP }],
        },
      },
      {
        kind: KIND.box,
        id: 'x/y',
        body: { source: MARKUP, host: LONG, firstHeardAt: now, lastHeardAt: now, sessions: [] },
      },
      {
        kind: RELEASE,
        id: 'appliance/9.9.9',
        body: {
          product: 'appliance',
          version: '9.9.9',
          line: '5.4',
          environment: 'development',
          file: 'f',
          size: 1,

          md5: '0',
          sha256: '0',
          state: 'failed',
          credential: MARKUP,
          receivedAt: now,
          committedAt: now,
          pinned: false,
          metadata: { version: '9.9.9', notes: LONG },
          runs: [],
          yanked: { at: now, by: MARKUP, reason: LONG },
        },
      },
      {
        kind: 'escalation',
        id: 'acme.freshdesk.com/1',
        body: {
          domain: 'acme.freshdesk.com',
          ticket: 1,
          project: 'acme/appliance',
          requestedBy: MARKUP,
          requestedAt: now,
          state: 'failed',
          error: { code: 'SBX_X', detail: LONG },
          trouble: null,
          linked: false,
          follow: false,
          note: null,
          marked: null,
          parts: null,
          totals: null,
          descriptionDigest: null,
          described: null,
          warnings: [LONG, MARKUP],
          rebuilt: false,
          finishedAt: null,
          issue: null,
        },
      },
    ],
    journal: [
      { kind: 'signal', key: null, data: { event: MARKUP, reason: LONG } },
      { kind: 'failure', key: `merge-request:${MARKUP}!1`, data: { code: MARKUP, detail: LONG } },
    ],
  });
  await engine.replay('webhooks:acme/appliance', LONG);
}, 120_000);
afterAll(() => dashboard.close());

const PATHS = [
  '/',
  '/releases',
  '/releases/appliance/9.9.9',
  '/merge-guard',
  '/board',
  '/escalations',
  '/races',
  `/races/${'a'.repeat(32)}`,
  '/libraries',
  '/journal',
  `/journal?text=${encodeURIComponent(MARKUP)}`,
  `/key/${encodeURIComponent(`merge-request:${MARKUP}!1`)}`,
];

it.each([1280, 390])('at %i px, text from outside stays text', { timeout: 120_000 }, async width => {
  const { page, errors } = await dashboard.open('/', { role: 'operator', width });
  const faults: string[] = [];
  for (const path of PATHS) {
    await dashboard.visit(page, path).catch((error: unknown) => {
      throw new Error(`${path} does not show: ${errors.join('; ')}`, { cause: error });
    });
    await settled(page);
    await screenshot(page, `hostile-${width}-${PATHS.indexOf(path)}`, { fullPage: false });
    await unfold(page);
    const wide = await overhang(page);
    if (wide > 0) faults.push(`${path}: ${wide} px wider than the screen`);
    const alien = await page.locator('main img, main script, main iframe, a[href^="javascript"]').count();
    if (alien > 0) faults.push(`${path}: ${alien} elements that are not ours`);
    if (!(await page.locator('main').textContent())?.includes('<img src=x')) faults.push(`${path}: it is not shown`);
    if (/[\u202a-\u202e\u2066-\u2069]/.test((await page.locator('main').textContent()) ?? '')) {
      faults.push(`${path}: text can turn what stands around it`);
    }
    const { length } = (await page.locator('main').textContent()) ?? '';
    if (length > 150_000) faults.push(`${path}: ${length} characters at once`);
  }
  expect(faults).toEqual([]);
  expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
  expect(errors).toEqual([]);
});
