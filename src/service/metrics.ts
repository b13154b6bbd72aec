import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryLog } from '../engine/intake/delivery-log.ts';
import type { Database } from '../storage/database.ts';

/** What Prometheus sees. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(database: Database, intake: DeliveryLog) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  // Counted plainly and handed over when somebody looks: in a flood the library's bookkeeping for labels shows in a profile.
  const deliveries = new Map<string, { source: string; outcome: string; count: number }>();
  new Counter({
    name: 'signalbox_deliveries_total',
    help: 'Webhook requests by source and outcome.',
    labelNames: ['source', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { source, outcome, count } of deliveries.values()) this.inc({ source, outcome }, count);
    },
  });
  new Gauge({
    name: 'signalbox_intake_unread_bytes',
    help: 'Acknowledged deliveries that wait to be read, in bytes.',
    registers,
    collect() {
      this.set(intake.unread);
    },
  });
  const looks = new Histogram({
    name: 'signalbox_look_seconds',
    help: 'Looks at keys by kind and result.',
    labelNames: ['kind', 'result'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  new Gauge({
    name: 'signalbox_work_keys',
    help: 'Keys by state: due, running, laid_aside.',
    labelNames: ['state'],
    registers,
    async collect() {
      const { query } = database;
      const count = async (column: 'due_at' | 'owner' | 'dead_at') => {
        const row = await query
          .selectFrom('work')
          .select(builder => builder.fn.countAll().as('count'))
          .where(column, 'is not', null)
          .executeTakeFirst();
        return Number(row?.count ?? 0);
      };
      this.set({ state: 'due' }, await count('due_at'));
      this.set({ state: 'running' }, await count('owner'));
      this.set({ state: 'laid_aside' }, await count('dead_at'));
    },
  });
  return {
    registry,
    delivery: (source: string, outcome: string) => {
      const name = `${source} ${outcome}`;
      const counted = deliveries.get(name);
      if (counted) counted.count++;
      else deliveries.set(name, { source, outcome, count: 1 });
    },
    look: (kind: string, ok: boolean, milliseconds: number) =>
      looks.observe({ kind, result: ok ? 'done' : 'failed' }, milliseconds / 1000),
  };
}
