import { statfs } from 'node:fs/promises';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Delivery } from '../../engine/intake/delivery.ts';
import type { DeliveryLog } from '../../engine/intake/delivery-log.ts';
import type { Database } from '../../storage/database.ts';
import { METRICS, type MetricName, type MetricRow } from './catalogue.ts';
import { databaseBytes, journalRows, overdueSeconds, releaseStates, tokenEnds, workByKind } from './read-state.ts';
import { watchEffects, watchRequests } from './watch-calls.ts';

/** What Prometheus sees. */
export type Metrics = ReturnType<typeof createMetrics>;

export interface MetricsOptions {
  database: Database;
  intake: DeliveryLog;
  dataDirectory: string;
  version: string;
  /** Requests that are still allowed, by the name of the service; undefined where it does not say. */
  budgets: () => Record<string, number | undefined>;
  failedTries: () => number;
  /** Of the keys that are looked at here. */
  kinds: () => readonly string[];
  now: () => number;
}

export function createMetrics(options: MetricsOptions) {
  const { database, intake, now } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { counter, gauge, histogram } = makers(registry);

  // Counted plainly and handed over when somebody looks: in a flood the library's bookkeeping for labels shows in a profile.
  const deliveries = new Map<string, { source: string; outcome: string; count: number }>();
  counter('signalbox_deliveries_total', self => {
    for (const { source, outcome, count } of deliveries.values()) self.inc({ source, outcome }, count);
  });
  counter('signalbox_failed_tries_total', self => self.inc(options.failedTries()));
  const looks = histogram('signalbox_look_seconds');
  const lag = histogram('signalbox_delivery_lag_seconds');
  const effects = counter('signalbox_effects_total');
  const requests = counter('signalbox_remote_requests_total');
  const requestSeconds = histogram('signalbox_remote_request_seconds');
  const closers = [
    watchEffects((automation, outcome) => effects.inc({ automation, outcome })),
    watchRequests(({ host, method, status, seconds }) => {
      requests.inc({ host, method, status });
      if (seconds !== null) requestSeconds.observe({ host }, seconds);
    }),
  ];

  gauge('signalbox_info', self => self.set({ version: options.version }, 1));
  gauge('signalbox_intake_unread_bytes', self => self.set(intake.unread));
  gauge('signalbox_work_keys', async self => {
    for (const { kind, state, count } of await workByKind(database)) self.set({ kind, state }, count);
  });
  gauge('signalbox_work_overdue_seconds', async self =>
    self.set(await overdueSeconds(database, options.kinds(), now())),
  );
  gauge('signalbox_api_budget_remaining', self => {
    for (const [service, left] of Object.entries(options.budgets()))
      if (left !== undefined) self.set({ service }, left);
  });
  gauge('signalbox_token_expiry_timestamp_seconds', async self => {
    for (const { token, endsAt } of await tokenEnds(database)) self.set({ token }, endsAt / 1000);
  });
  // The registry asks all metrics at once, and takes what each has when its own reading is over.
  const states = sharedReading(() => releaseStates(database));
  gauge('signalbox_releases', async self => {
    for (const { product, state, count } of (await states()).releases) self.set({ product, state }, count);
  });
  gauge('signalbox_release_runs', async self => {
    for (const { count, ...labels } of (await states()).runs) self.set(labels, count);
  });
  gauge('signalbox_releases_failing', async self => {
    for (const { count, ...labels } of (await states()).failing) self.set(labels, count);
  });
  gauge('signalbox_disk_free_bytes', async self => {
    const { bavail, bsize } = await statfs(options.dataDirectory);
    self.set(bavail * bsize);
  });
  gauge('signalbox_database_bytes', async self => self.set(await databaseBytes(options.dataDirectory)));
  gauge('signalbox_journal_rows', async self => self.set(await journalRows(database)));
  const reloadOk = gauge('signalbox_config_reload_ok');
  const loadedAt = gauge('signalbox_config_loaded_timestamp_seconds');
  const loaded = (ok: boolean) => {
    reloadOk.set(ok ? 1 : 0);
    if (ok) loadedAt.set(now() / 1000);
  };
  loaded(true);

  return {
    registry,
    delivery: (source: string, outcome: string) => {
      const name = `${source} ${outcome}`;
      const counted = deliveries.get(name);
      if (counted) counted.count++;
      else deliveries.set(name, { source, outcome, count: 1 });
    },
    /** A delivery was read, and its keys are being named. */
    read: ({ source, origin, receivedAt }: Delivery) =>
      lag.observe({ source, origin }, Math.max(0, now() - receivedAt) / 1000),
    look: (kind: string, ok: boolean, milliseconds: number) =>
      looks.observe({ kind, result: ok ? 'done' : 'failed' }, milliseconds / 1000),
    /** The configuration was read again, or was refused. */
    loaded,
    close: () => {
      for (const close of closers) close();
    },
  };
}

type Collect<Metric> = (metric: Metric) => unknown;

/** Makes metrics out of the catalogue's rows; one that collects begins anew each time. */
function makers(registry: Registry) {
  const common = (name: MetricName) => {
    const { help, labels = [] }: MetricRow = METRICS[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  return {
    counter: (name: MetricName, collect?: Collect<Counter>) => {
      const metric: Counter = new Counter({
        ...common(name),
        ...(collect && { collect: () => anew(metric, collect) }),
      });
      return metric;
    },
    gauge: (name: MetricName, collect?: Collect<Gauge>) => {
      const metric: Gauge = new Gauge({ ...common(name), ...(collect && { collect: () => anew(metric, collect) }) });
      return metric;
    },
    histogram: (name: MetricName) => {
      const { buckets = [] }: MetricRow = METRICS[name];
      return new Histogram({ ...common(name), buckets: [...buckets] });
    },
  };
}

/** Those who ask while it is being read get the same. */
function sharedReading<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let reading: Promise<Result> | undefined;
  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

async function anew<Metric extends Counter | Gauge>(metric: Metric, collect: Collect<Metric>): Promise<void> {
  metric.reset();
  await collect(metric);
}
