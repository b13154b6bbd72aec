import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import type { SecretReference } from '../config/fields.ts';
import { gitlabHookUrl, publicUrl } from '../config/public-url.ts';
import { requireWebhookSecret, type Settings } from '../config/schema.ts';
import { readSecret } from '../config/secrets.ts';
import { armCrashPoint } from '../engine/crash-point.ts';
import { createDocuments } from '../engine/documents/documents.ts';
import { Engine } from '../engine/engine.ts';
import type { DeliverySource } from '../engine/intake/delivery.ts';
import { openDeliveryLog } from '../engine/intake/delivery-log.ts';
import type { EngineLog } from '../engine/log.ts';
import { createRecords } from '../engine/records/list-records.ts';
import { DEFAULT_PACE, type Pace } from '../engine/work/back-off.ts';
import { createFailureLimit } from '../failure-limit.ts';
import { createGitLab } from '../gitlab/client/create-gitlab.ts';
import { describeWebhook } from '../gitlab/webhook/describe-webhook.ts';
import { webhookVerifier } from '../gitlab/webhook/verify-webhook.ts';
import type { Database } from '../storage/database.ts';
import { lockDataDirectory } from '../storage/lock-data-directory.ts';
import { type ApiToken, type Caller, createWho } from './access.ts';
import { type Routes, switchOn } from './automations.ts';
import { countBodiesOnce } from './collector.ts';
import { removeControl, writeControl } from './control-file.ts';
import { dashboardRoutes } from './dashboard/dashboard-routes.ts';
import { Pulse } from './dashboard/pulse.ts';
import { openFreshdesk } from './freshdesk.ts';
import { createLog, createRedactor } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openDatabase } from './open-database.ts';
import { switchOnReleases } from './releases.ts';
import { createHttpService, type RegisteredRoute } from './server.ts';
import { signInRoutes, startPage } from './sign-in/routes.ts';
import { createSignIn } from './sign-in/sign-in.ts';

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
  /** Every registered route. */
  routes: readonly RegisteredRoute[];
  /** A page that signs in whoever opens it first. */
  signInLink(who: Caller): Promise<string>;
  stop(): Promise<void>;
}

/** GitLab refuses bodies beyond this itself. */
const LARGEST_WEBHOOK = 25 * 1024 * 1024;
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
  const { token: dashboardToken, gitlab_oauth: oauth } = settings.service.dashboard ?? {};
  const signInSecrets = {
    token: dashboardToken && (await secret(dashboardToken)),
    gitlab: oauth && {
      connection: {
        url: oauth.url ?? settings.gitlab?.url ?? '',
        applicationId: oauth.application_id,
        secret: await secret(oauth.secret),
      },
      rules: oauth,
    },
  };
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
    const database = await openDatabase(settings, secret);
    closers.push(() => database.close());
    clock = () => database.clock();
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
    // Until the port is known, the address as it is configured.
    let address = publicUrl(settings);
    const browserAddress = () => settings.service.public_url ?? address;
    const failures = createFailureLimit({ tries: TRIES_AT_ONCE, now });
    const signIn = await createSignIn({ documents, failures, now, publicUrl: browserAddress, ...signInSecrets });
    const who = createWho({ tokens: apiTokens, session: request => signIn.sessions.check(request), failures });
    const pulse = new Pulse({ now, budget: () => gitlab?.budget.remaining });
    const { routes, ...on } = switchOn({
      settings,
      gitlab,
      opsGitlab,
      hookUrl: gitlabHookUrl(settings),
      accept: async delivery => engine?.accept(delivery),
      documents,
      operator: async request => (await who(request, 'operator')).name,
      viewer: async request => (await who(request, 'viewer')).name,
      records: createRecords(database.query),
      raceSources,
      freshdesk,
      dryRun: options.dryRun ?? false,
      now,
      log,
    });
    const { artifacts } = settings.service;
    const releases = await switchOnReleases({
      settings,
      documents,
      directory: artifacts === 'disk' ? dataDirectory : artifacts.directory,
      process: intake.id,
      shared: database.engine === 'postgres',
      secret,
      who,
      now,
      log,
    });
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
      looked: look => {
        metrics.look(look.kind, look.ok, look.milliseconds);
        pulse.looked(look);
      },
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
    const signInPages: Routes = app => signInRoutes(app, { signIn, who, now, publicUrl: browserAddress });
    const http = createHttpService({
      engine: running,
      database,
      sources,
      metrics,
      who,
      trustedProxies: settings.service.trusted_proxies,
      routes: [
        signInPages,
        ...routes,
        ...(releases?.routes ?? []),
        app => dashboardRoutes(app, { settings, database, documents, who, pulse, now }),
        app => startPage(app, signIn),
      ],
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
    address = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
    writeControl(dataDirectory, { url: address, token: controlToken, pid: process.pid });
    closers.push(() => removeControl(dataDirectory));
    await running.start();
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
      routes: http.routes,
      signInLink: caller => signIn.link(caller),
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
