import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { SecretReference } from '../config/fields.ts';
import { gitlabHookUrl } from '../config/public-url.ts';
import { requireWebhookSecret, type Settings } from '../config/schema.ts';
import { readSecret } from '../config/secrets.ts';
import { armCrashPoint } from '../engine/crash-point.ts';
import { createDocuments } from '../engine/documents/documents.ts';
import { Engine } from '../engine/engine.ts';
import type { DeliverySource } from '../engine/intake/delivery.ts';
import { openDeliveryLog } from '../engine/intake/delivery-log.ts';
import type { EngineLog } from '../engine/log.ts';
import { DEFAULT_PACE, type Pace } from '../engine/work/back-off.ts';
import { createGitLab } from '../gitlab/client/create-gitlab.ts';
import { describeWebhook } from '../gitlab/webhook/describe-webhook.ts';
import { webhookVerifier } from '../gitlab/webhook/verify-webhook.ts';
import type { Database } from '../storage/database.ts';
import { lockDataDirectory } from '../storage/lock-data-directory.ts';
import { openSqlite } from '../storage/sqlite/open-sqlite.ts';
import { type ApiToken, accessCheck } from './access.ts';
import { switchOn } from './automations.ts';
import { collectStart, countBodiesOnce } from './collector.ts';
import { removeControl, writeControl } from './control-file.ts';
import { openFreshdesk } from './freshdesk.ts';
import { createLog, createRedactor } from './log.ts';
import { createMetrics } from './metrics.ts';
import { switchOnReleases } from './releases.ts';
import { createHttpService } from './server.ts';

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
  log: EngineLog;
  stop(): Promise<void>;
}

/** GitLab refuses bodies beyond this itself. */
const LARGEST_WEBHOOK = 25 * 1024 * 1024;
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
  const now = options.now ?? Date.now;
  const pace = { ...DEFAULT_PACE, ...options.pace };
  requireWebhookSecret(settings);
  countBodiesOnce();
  armCrashPoint(environment['SIGNALBOX_CRASH_AT']);

  const redactor = createRedactor();
  const write = options.writeLog ?? (line => process.stderr.write(line));
  const log = createLog(options.logLevel ?? environment['SIGNALBOX_LOG_LEVEL'] ?? 'info', redactor, write);
  const secret = async (reference: SecretReference): Promise<string> => {
    const { value, warnings } = await readSecret(reference, environment);
    redactor.add(value);
    for (const warning of warnings) log.warn('a secret is not well protected', { warning });
    return value;
  };
  const secrets = (references: readonly SecretReference[]) => Promise.all(references.map(secret));

  const gitlabToken = settings.gitlab && (await secret(settings.gitlab.token));
  const opsToken = settings.gitlab?.ops_token && (await secret(settings.gitlab.ops_token));
  const signingTokens = await secrets(settings.gitlab?.webhook.signing_tokens ?? []);
  const secretTokens = await secrets(settings.gitlab?.webhook.secret_tokens ?? []);
  const apiTokens: ApiToken[] = await Promise.all(
    settings.service.api_tokens.map(async each => ({ ...each, token: await secret(each.token) })),
  );
  const raceSources = await Promise.all(
    (settings.races?.sources ?? []).map(async each => ({ name: each.name, token: await secret(each.token) })),
  );
  const controlToken = randomBytes(32).toString('base64url');
  redactor.add(controlToken);
  apiTokens.push({ name: 'the command line', role: 'operator', token: controlToken });

  const dataDirectory = settings.service.data_dir;
  const lock = lockDataDirectory(dataDirectory);
  const closers: (() => unknown)[] = [() => lock.release()];
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close();
  };
  try {
    const database = await openSqlite(join(dataDirectory, 'signalbox.db'));
    closers.push(() => database.close());
    const intake = await openDeliveryLog({ directory: join(dataDirectory, 'intake'), database });
    closers.push(() => intake.close());
    const metrics = createMetrics(database, intake);
    const url = settings.gitlab?.url ?? '';
    const gitlab = gitlabToken === undefined ? undefined : createGitLab({ url, token: gitlabToken, now });
    const opsGitlab = opsToken === undefined ? undefined : createGitLab({ url, token: opsToken, now });
    if (gitlab) closers.push(() => gitlab.close());
    if (opsGitlab) closers.push(() => opsGitlab.close());

    const freshdesk = await openFreshdesk(settings, secret, now);
    if (freshdesk) closers.push(() => freshdesk.close());

    const { host, port } = settings.service.listen;
    let ready = false;
    let engine: Engine | undefined;
    const documents = createDocuments({ database, pace, now, wake: () => engine?.wake() });
    const access = accessCheck(apiTokens);
    const { routes, ...on } = switchOn({
      settings,
      gitlab,
      opsGitlab,
      hookUrl: gitlabHookUrl(settings),
      accept: async delivery => engine?.accept(delivery),
      documents,
      operator: authorization => access(authorization, 'operator'),
      viewer: authorization => access(authorization, 'viewer'),
      raceSources,
      freshdesk,
      now,
      log,
    });
    const releases = await switchOnReleases({ settings, documents, dataDirectory, secret, access, now, log });
    engine = new Engine({
      database,
      intake,
      ...on,
      automations: [...on.automations, ...(releases?.automations ?? [])],
      standing: [...on.standing, ...(releases?.standing ?? [])],
      pace,
      dryRun: options.dryRun ?? false,
      concurrency: LOOKS_AT_ONCE,
      now,
      log,
      looked: look => metrics.look(look.kind, look.ok, look.milliseconds),
    });
    const running = engine;
    const sources: DeliverySource[] = [];
    if (settings.gitlab) {
      sources.push({
        name: 'gitlab',
        maxBytes: LARGEST_WEBHOOK,
        verify: webhookVerifier({ signingTokens, secretTokens }),
        describe: describeWebhook,
      });
    }
    sources.push(...(freshdesk?.sources ?? []));
    const http = createHttpService({
      engine: running,
      database,
      sources,
      metrics,
      access,
      routes: [...routes, ...(releases?.routes ?? [])],
      now,
      ready: () => ready,
    });
    await releases?.start();
    const actualPort = await http.listen({ host, port });
    const closeHttp = async () => {
      await releases?.stop();
      await http.close();
    };
    closers.push(closeHttp);
    const address = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
    writeControl(dataDirectory, { url: address, token: controlToken, pid: process.pid });
    closers.push(() => removeControl(dataDirectory));
    await running.start();
    collectStart();
    ready = true;
    log.info('the service is ready', { url: address, dry_run: options.dryRun ?? false });

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      ready = false;
      log.info('the service is stopping');
      closers.splice(closers.indexOf(closeHttp), 1);
      await closeHttp();
      await running.stop(PATIENCE);
      await closeAll();
      log.info('the service has stopped');
    };
    return {
      url: address,
      engine: running,
      database,
      log,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
