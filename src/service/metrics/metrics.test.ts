import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../version.ts';
import type { Service } from '../compose.ts';
import { OPERATOR, startSmallService } from '../testing.ts';
import { METRICS, type MetricRow, metricsReference } from './catalogue.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let stage: Awaited<ReturnType<typeof startSmallService>>;
let service: Service;

beforeAll(async () => {
  stage = await startSmallService();
  service = stage.service;
});
afterAll(() => stage.remove());

const scrape = async () =>
  (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${OPERATOR}` } })).text();
const seriesIn = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? Number.NaN,
  );

it('shows every metric of the catalogue, and no other of ours', async () => {
  const names = [...(await scrape()).matchAll(/^# TYPE (signalbox_\S+) (\S+)$/gm)].map(([, name, kind]) => [
    name,
    kind,
  ]);
  const expected = Object.entries(METRICS).map(([name, { kind }]) => [name, kind]);
  expect(Object.fromEntries(names)).toEqual(Object.fromEntries(expected));
});

it('counts what happened, from a webhook to the requests that it led to', async () => {
  const body = JSON.stringify({
    object_kind: 'merge_request',
    project: { path_with_namespace: 'acme/appliance' },
    object_attributes: { iid: 1, action: 'open' },
  });
  const headers = { 'x-gitlab-token': 'hook', 'idempotency-key': 'one' };
  expect((await fetch(`${service.url}/hooks/gitlab`, { method: 'POST', body, headers })).status).toBe(200);
  await fetch(`${service.url}/v1/work`, { headers: { authorization: 'Bearer wrong' } });
  const look = 'signalbox_look_seconds_count{kind="merge-request",result="failed"}';
  await expect.poll(async () => seriesIn(await scrape(), look), { timeout: 20_000 }).toBeGreaterThan(0);
  const text = await scrape();
  const values: [string, number][] = [
    ['signalbox_deliveries_total{source="gitlab",outcome="accepted"}', 1],
    ['signalbox_delivery_lag_seconds_count{source="gitlab",origin="pushed"}', 1],
    ['signalbox_failed_tries_total', 1],
    ['signalbox_work_keys{kind="merge-request",state="laid_aside"}', 0],
    ['signalbox_config_reload_ok', 1],
    [`signalbox_info{version="${VERSION}"}`, 1],
  ];
  for (const [series, value] of values) expect([series, seriesIn(text, series)]).toEqual([series, value]);
  // The discard port: nobody answers there.
  const refused = 'signalbox_remote_requests_total{host="127.0.0.1:9",method="GET",status="error"}';
  expect(seriesIn(text, refused)).toBeGreaterThan(0);
  for (const series of ['signalbox_disk_free_bytes', 'signalbox_database_bytes', 'signalbox_journal_rows'])
    expect(seriesIn(text, series)).toBeGreaterThan(0);
});

it('counts as failing what needs a hand, not every release that has failed once', async () => {
  const common = { attempt: 1, how: 'released', by: 'ci', endedAt: 1, exit: 1 };
  const release = (version: string, runs: { environment: string; state: string; queuedAt: number }[]) => ({
    kind: 'release',
    id: `appliance/${version}`,
    body: JSON.stringify({
      product: 'appliance',
      version,
      line: '5.5',
      state: runs.at(-1)?.state,
      committedAt: 1,
      yanked: null,
      runs: runs.map(run => ({ ...common, ...run })),
    }),
    revision: 1,
    changed_at: 1,
  });
  const rows = [
    release('5.5.1', [{ environment: 'development', state: 'failed', queuedAt: 1 }]),
    release('5.5.2', [
      { environment: 'development', state: 'released', queuedAt: 2 },
      { environment: 'production', state: 'failed', queuedAt: 3 },
    ]),
    release('5.5.3', [{ environment: 'development', state: 'released', queuedAt: 4 }]),
  ];
  await service.database.query.insertInto('documents').values(rows).execute();
  const text = await scrape();
  expect(seriesIn(text, 'signalbox_releases{product="appliance",state="failed"}')).toBe(2);
  const production = 'signalbox_release_runs{product="appliance",environment="production",state="failed"}';
  expect(seriesIn(text, production)).toBe(1);
  expect(text.split('\n').filter(line => line.startsWith('signalbox_releases_failing{'))).toEqual([
    'signalbox_releases_failing{product="appliance",environment="production"} 1',
  ]);
});

describe('the examples', () => {
  /** Names of series, with what follows a name in a histogram taken off, and the labels that are asked for. */
  const asked = (expression: string) =>
    [...expression.matchAll(/\b((?:signalbox|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(
      ([, name = '', labels = '']) => ({
        name: name.replace(/_(bucket|count|sum)$/, base =>
          name.replace(/_(bucket|count|sum)$/, '') in METRICS ? '' : base,
        ),
        labels: [...labels.matchAll(/(\w+)\s*(?:=~|=|!=|!~)/g)].map(match => match[1]!),
      }),
    );

  async function assertKnown(expressions: readonly string[]): Promise<void> {
    const shown = new Set([...(await scrape()).matchAll(/^# TYPE (\S+) /gm)].map(match => match[1]));
    for (const expression of expressions) {
      for (const { name, labels } of asked(expression)) {
        expect(shown, expression).toContain(name);
        const row = METRICS[name as keyof typeof METRICS] as MetricRow | undefined;
        for (const label of labels) expect(row?.labels ?? [], expression).toContain(label);
      }
      for (const [, labels = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
        const known = asked(expression).flatMap(({ name }) => METRICS[name as keyof typeof METRICS] as MetricRow);
        const all = new Set([...known.flatMap(row => row.labels ?? []), 'le']);
        for (const label of labels.split(',')) expect(all, expression).toContain(label.trim());
      }
    }
  }

  it('alerts.yml watches metrics that there are', async () => {
    const { groups } = parse(await readFile(join(ROOT, 'examples/alerts.yml'), 'utf8')) as {
      groups: { rules: { alert: string; expr: string; labels: object; annotations: { summary?: string } }[] }[];
    };
    const rules = groups.flatMap(group => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(rule => rule.alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(labels).toMatchObject({ severity: expect.stringMatching(/^(page|ticket)$/) });
      expect(annotations.summary).toBeTruthy();
    }
    await assertKnown(rules.map(rule => rule.expr));
  });

  it('grafana-dashboard.json shows metrics that there are, and all of ours', async () => {
    const dashboard = JSON.parse(await readFile(join(ROOT, 'examples/grafana-dashboard.json'), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
      annotations: { list: { expr: string }[] };
    };
    const expressions = dashboard.panels.flatMap(panel => panel.targets.map(target => target.expr));
    const all = [...expressions, ...dashboard.annotations.list.map(each => each.expr)];
    await assertKnown(all);
    const used = new Set(all.flatMap(expression => asked(expression).map(({ name }) => name)));
    expect(Object.keys(METRICS).filter(name => !used.has(name) && name !== 'signalbox_journal_rows')).toEqual([]);
  });
});

it('docs/metrics.md is what the catalogue says (npm run docs writes it)', async () => {
  expect(await readFile(join(ROOT, 'docs/metrics.md'), 'utf8')).toBe(metricsReference());
});

it('is of the version that package.json names', async () => {
  expect(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))).toMatchObject({ version: VERSION });
});
