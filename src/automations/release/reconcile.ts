import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import { SignalboxError } from '../../errors.ts';
import { fate } from './fate/reconcile.ts';
import { lane } from './lane/reconcile.ts';
import { laneKey, publishKey } from './model.ts';
import type { PublishedFiles } from './publish/published-files.ts';
import { publish } from './publish/reconcile.ts';
import { retention } from './retention/reconcile.ts';
import type { RunLogs } from './run/run-logs.ts';
import { parseWeekly } from './schedule/next-time.ts';
import { promotionSchedule } from './schedule/reconcile.ts';
import type { ProductSettings } from './settings.ts';
import type { ArtifactStore } from './store/artifact-store.ts';

export interface ReleaseContext {
  products: ReadonlyMap<string, ProductSettings>;
  /** The shared secrets of a product; they must not appear in the logs of its script. */
  secretsOf: (product: string) => readonly string[];
  documents: Documents;
  store: ArtifactStore;
  logs: RunLogs;
  published: PublishedFiles;
  /** This process, where another one may run scripts on another machine; null where all share one. */
  runner: string | null;
  ended: (product: string, version: string) => void;
  /** Aborted when the service stops. */
  stopping: AbortSignal;
  now: () => number;
}

/** Bytes of a run's output that are kept from its beginning. */
const LOG_LIMIT = 10 * 1024 * 1024;

/** The settings of a product; throws SBX_PRODUCT_NOT_CONFIGURED. */
export function productOf(products: ReadonlyMap<string, ProductSettings>, name: string): ProductSettings {
  const product = products.get(name);
  if (!product) throw new SignalboxError('SBX_PRODUCT_NOT_CONFIGURED', `releases.products has no ${name}`);
  return product;
}

/** All reconcilers of releases: lanes, published files, retention and promotion at a time of the week. */
export function releaseAutomations(context: ReleaseContext): Automation[] {
  const { documents, store, logs, now } = context;
  const product = (name: string) => productOf(context.products, name);
  return [
    lane({
      documents,
      product: name => {
        const { script, timeout, grace, attempts, on_interrupt } = product(name);
        const secrets = context.secretsOf(name);
        return { script, timeout, grace, attempts, onInterrupt: on_interrupt, logLimit: LOG_LIMIT, secrets };
      },
      fetch: release => store.fetch(release),
      logs,
      runner: context.runner,
      ended: context.ended,
      stopping: context.stopping,
      now,
    }),
    fate({ documents, environments: name => product(name).environments }),
    publish({ documents, files: context.published }),
    retention({
      documents,
      rules: name => {
        const { releases, age } = product(name).retention;
        return { releases, age: age ?? null };
      },
      store,
      logs,
      now,
    }),
    promotionSchedule({
      documents,
      environments: name => product(name).environments,
      schedule: (name, environment) => {
        const promotion = product(name).promotions.find(each => each.environment === environment);
        const weekly = promotion && parseWeekly(promotion.at);
        return weekly && { ...weekly, text: promotion.at, timeZone: promotion.time_zone };
      },
      now,
    }),
  ] as unknown as Automation[];
}

/** The keys of releases that look again by themselves. */
export function releaseStanding(products: ReadonlyMap<string, ProductSettings>): Signal[] {
  const reason = 'the service has started';
  return [...products].flatMap(([name, { promotions }]) => [
    { key: laneKey(name), reason },
    { key: publishKey(name), reason },
    { key: `retention:${name}`, reason },
    ...promotions.map(({ environment }) => ({ key: `promotion:${name}/${environment}`, reason })),
  ]);
}
