import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { SecretReference } from '../config/fields.ts';
import { requireWebhookSecret, type Settings } from '../config/schema.ts';
import { readSecret } from '../config/secrets.ts';
import { armCrashPoint } from '../engine/crash-point.ts';
import { createDocuments } from '../engine/documents/documents.ts';
import { Engine } from '../engine/engine.ts';
import type { NameKeys } from '../engine/intake/delivery.ts';
import { openDeliveryLog } from '../engine/intake/delivery-log.ts';
import { DEFAULT_PACE, type Pace } from '../engine/work/back-off.ts';
import { SignalboxError } from '../errors.ts';
import { createFailureLimit } from '../failure-limit.ts';
import { createRedactor } from '../redactor.ts';
import type { Database } from '../storage/database.ts';
import { lockDataDirectory } from '../storage/lock-data-directory.ts';
import { VERSION } from '../version.ts';
import type { Caller } from './access.ts';
import { collectStart, countBodiesOnce } from './collector.ts';
import { removeControl, writeControl } from './control-file.ts';
import { Pulse } from './dashboard/pulse.ts';
import type { RegisteredRoute } from './framework.ts';
import type { Generation, Lasting } from './generation.ts';
import { createLog, type ServiceLog } from './log.ts';
import { openDatabase } from './open-database.ts';
import { startError } from './start-error.ts';
import { sendTraces } from './traces.ts';
import { withoutRestart } from './without-restart.ts';

export interface ComposeOptions {
  settings: Settings;
  environment: Environment;
  dryRun?: boolean;
  pace?: Partial<Pace>;
  now?: () => number;
  /** Where log lines go; standard error unless told. */
  writeLog?: (line: string) => void;
  logLevel?: string;
}

/** A running service. */
export interface Service {
  url: string;
  engine: Engine;
  database: Database;
  log: ServiceLog;
  /** Every registered route. */
  routes: readonly RegisteredRoute[];
  /** A page that signs in whoever opens it first. */
  signInLink(who: Caller): Promise<string>;
  /** Goes on with other settings, all of them at once; where they are not good, the log says why and nothing changes. */
  reload(load: () => Promise<Settings>): Promise<void>;
  stop(): Promise<void>;
}

/** Failed tokens and sign-ins of one address, before it has to wait. */
const TRIES_AT_ONCE = 20;
const LOOKS_AT_ONCE = 8;
/** For looks under way when the service is asked to stop. */
const PATIENCE = 20_000;

/**
 * The one place where the parts meet: from a configuration to a running service.
 *
 * @throws SignalboxError when a secret cannot be read, the data directory is in use, the address is taken …
 */
export async function startService(options: ComposeOptions): Promise<Service> {
  const { settings, environment } = options;
  let clock = Date.now;
  const now = options.now ?? (() => clock());
  const pace = { ...DEFAULT_PACE, ...options.pace };
  requireWebhookSecret(settings);
  armCrashPoint(environment['SIGNALBOX_CRASH_AT']);

  const redactor = createRedactor();
  const write = options.writeLog ?? (line => process.stderr.write(line));
  const levelOf = ({ service }: Settings) => options.logLevel ?? service.log_level;
  const log = createLog(levelOf(settings), redactor, write);
  const secret = async (reference: SecretReference): Promise<string> => {
    const { value, warnings } = await readSecret(reference, environment);
    redactor.add(value);
    for (const warning of warnings) log.warn('a secret is not well protected', { warning });
    return value;
  };
  const controlToken = randomBytes(32).toString('base64url');
  redactor.add(controlToken);

  const dataDirectory = settings.service.data_dir;
  const lock = lockDataDirectory(dataDirectory);
  if (lock.restored) log.warn('a restore that was interrupted was brought to its end', { of: lock.restored.what });
  const closers: (() => unknown)[] = [() => lock.release()];
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close();
  };
  try {
    const opening = openDatabase(settings, secret);
    closers.push(async () => (await opening.catch(() => undefined))?.close());
    // Loaded while the thread of the database starts; together they take as long as all the rest.
    const { openGeneration } = await import('./generation.ts');
    const { createHttpService } = await import('./server.ts');
    const { createMetrics } = await import('./metrics/create-metrics.ts');
    const database = await opening;
    clock = () => database.clock();
    const intake = await openDeliveryLog({ directory: join(dataDirectory, 'intake'), database, log });
    closers.push(() => intake.close());

    let ready = false;
    let engine: Engine | undefined;
    let address: string | undefined;
    let budgets: Generation['budgets'] = () => ({});
    const failures = createFailureLimit({ tries: TRIES_AT_ONCE, now });
    const pulse = new Pulse({ now, budget: () => budgets()['gitlab'] });
    const metrics = createMetrics({
      database,
      intake,
      dataDirectory,
      version: VERSION,
      budgets: () => budgets(),
      failedTries: () => failures.count,
      kinds: () => engine?.kinds ?? [],
      now,
    });
    closers.push(() => metrics.close());
    const lasting: Lasting = {
      database,
      process: intake.id,
      pulse,
      dryRun: options.dryRun ?? false,
      documents: createDocuments({ database, pace, now, wake: () => engine?.wake() }),
      dataDirectory,
      failures,
      controlToken,
      address: () => address,
      accept: async delivery => engine?.accept(delivery),
      secret,
      now,
      log,
    };
    let present = await openGeneration(settings, lasting, null);
    budgets = () => present.budgets();
    closers.push(() => present.close());
    const traces = settings.service.traces && (await sendTraces(settings.service.traces));
    if (traces) closers.push(() => traces.close());
    const seen =
      (nameKeys: NameKeys): NameKeys =>
      delivery => {
        metrics.read(delivery);
        pulse.delivered(delivery);
        traces?.delivery(delivery, now());
        return nameKeys(delivery);
      };
    engine = new Engine({
      database,
      intake,
      ...present,
      nameKeys: seen(present.nameKeys),
      pace,
      dryRun: options.dryRun ?? false,
      concurrency: LOOKS_AT_ONCE,
      now,
      log,
      looked: look => {
        metrics.look(look.kind, look.ok, look.milliseconds);
        pulse.looked(look);
        log.debug('looked at a key', { ...look });
      },
    });
    const running = engine;
    const http = await createHttpService({
      engine: running,
      database,
      metrics,
      log,
      trustedProxies: settings.service.trusted_proxies,
      now,
      ready: () => ready,
      ...present,
    });
    // Before they start: one that could not would keep its hold on the artifacts, and the process with it.
    const closeHttp = async () => {
      await present.releases?.stop();
      await http.close();
    };
    closers.push(closeHttp);
    await present.releases?.start();
    const { host, port } = settings.service.listen;
    const actualPort = await http.listen({ host, port });
    address = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
    writeControl(dataDirectory, { url: address, token: controlToken, pid: process.pid });
    closers.push(() => removeControl(dataDirectory));
    await running.start();
    ready = true;
    log.info('the service is ready', { url: address, dry_run: options.dryRun ?? false });
    // Not before all modules are there: what is kept compiled of them is of no use any more once a flag is changed.
    countBodiesOnce();
    collectStart();

    const takeUp = async (wanted: Settings) => {
      const { settings: next, needRestart } = withoutRestart(present.settings, wanted);
      const earlier = present;
      const follower = await openGeneration(next, lasting, earlier);
      try {
        if (!earlier.releases) await follower.releases?.start();
        await http.replace(follower);
      } catch (error) {
        await follower.close();
        throw error;
      }
      present = follower;
      if (follower.releases) follower.releases.takeUp();
      else await earlier.releases?.stop();
      log.level = levelOf(next);
      const { ended } = await running.replace({ ...follower, nameKeys: seen(follower.nameKeys) });
      void ended.then(() => earlier.close());
      if (needRestart.length > 0) log.warn('some settings take effect only with a restart', { settings: needRestart });
      const data = { configuration: 'read again', need_restart: needRestart };
      await lasting.documents.submit({ journal: [{ kind: 'service', key: null, data }] });
      log.info('the configuration was read again', { need_restart: needRestart });
    };
    const reload = async (load: () => Promise<Settings>) => {
      try {
        await takeUp(await load());
        metrics.loaded(true);
      } catch (error) {
        metrics.loaded(false);
        const { code, detail, faults } =
          error instanceof SignalboxError ? error : { code: 'SBX_INTERNAL', detail: String(error), faults: [] };
        log.error('the configuration was not read again; the earlier one stays in use', { code, detail, faults });
      }
    };

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      ready = false;
      log.info('the service is stopping');
      closers.splice(closers.indexOf(closeHttp), 1);
      // At once: who waits for an answer keeps the door open for a while, and nothing new is to begin meanwhile.
      await Promise.all([closeHttp(), running.stop(PATIENCE)]);
      await closeAll();
      log.info('the service has stopped');
    };
    const oneByOne = inTurn();
    return {
      url: address,
      engine: running,
      database,
      log,
      get routes() {
        return http.routes;
      },
      signInLink: caller => present.signIn.link(caller),
      reload: load => oneByOne(() => reload(load)),
      stop: () => {
        stopping ??= oneByOne(stop);
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw startError(error, dataDirectory);
  }
}

/** Lets one thing end before the next begins. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return work => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
