import type { SecretReference } from '../config/fields.ts';
import { gitlabHookUrl, publicUrl } from '../config/public-url.ts';
import { requireWebhookSecret, type Settings } from '../config/schema.ts';
import type { Automation } from '../engine/automation.ts';
import type { Documents } from '../engine/documents/documents.ts';
import type { DeliverySource, NameKeys, NewDelivery, Signal } from '../engine/intake/delivery.ts';
import type { EngineLog } from '../engine/log.ts';
import { createRecords } from '../engine/records/list-records.ts';
import type { FailureLimit } from '../failure-limit.ts';
import { createGitLab } from '../gitlab/client/create-gitlab.ts';
import { describeWebhook } from '../gitlab/webhook/describe-webhook.ts';
import { webhookVerifier } from '../gitlab/webhook/verify-webhook.ts';
import type { Database } from '../storage/database.ts';
import { type ApiToken, createWho, type Who } from './access.ts';
import { type Routes, switchOn } from './automations.ts';
import { dashboardRoutes } from './dashboard/dashboard-routes.ts';
import type { Pulse } from './dashboard/pulse.ts';
import { type Releases, switchOnReleases } from './releases.ts';
import { signInRoutes, startPage } from './sign-in/routes.ts';
import { createSignIn, type SignIn } from './sign-in/sign-in.ts';

/** GitLab refuses bodies beyond this itself. */
const LARGEST_WEBHOOK = 25 * 1024 * 1024;

/** What stays when the configuration is read again. */
export interface Lasting {
  database: Database;
  documents: Documents;
  dataDirectory: string;
  /** Tells this process from others with the same database. */
  process: string;
  pulse: Pulse;
  dryRun: boolean;
  failures: FailureLimit;
  /** What a command on this machine shows. */
  controlToken: string;
  /** Where the service listens, known once it does. */
  address: () => string | undefined;
  accept: (delivery: NewDelivery) => Promise<void>;
  secret: (reference: SecretReference) => Promise<string>;
  now: () => number;
  log: EngineLog;
}

/** Everything that the configuration decides: made at the start, and made anew when the configuration is read again. */
export interface Generation {
  settings: Settings;
  automations: Automation[];
  nameKeys: NameKeys;
  standing: Signal[];
  sources: DeliverySource[];
  routes: Routes[];
  who: Who;
  signIn: SignIn;
  releases: Releases | null;
  /** Requests that each service still allows. */
  budgets: () => Record<string, number | undefined>;
  /** Closes its clients; after the looks that use them. */
  close(): Promise<void>;
}

/**
 * From settings to all that works by them. Nothing that runs is changed: either all of it is good, or the error says what is
 * not.
 *
 * @param earlier the generation that this one is to follow
 */
export async function openGeneration(
  settings: Settings,
  lasting: Lasting,
  earlier: Generation | null,
): Promise<Generation> {
  requireWebhookSecret(settings);
  const { database, documents, process, pulse, dryRun, failures, accept, secret, now, log } = lasting;
  const secrets = (references: readonly SecretReference[]) => Promise.all(references.map(secret));
  const closers: (() => Promise<void>)[] = [];

  const gitlabToken = settings.gitlab && (await secret(settings.gitlab.token));
  const opsToken = settings.gitlab?.ops_token && (await secret(settings.gitlab.ops_token));
  const signingTokens = await secrets(settings.gitlab?.webhook.signing_tokens ?? []);
  const secretTokens = await secrets(settings.gitlab?.webhook.secret_tokens ?? []);
  const apiTokens: ApiToken[] = await Promise.all(
    settings.service.api_tokens.map(async each => ({ ...each, token: await secret(each.token) })),
  );
  apiTokens.push({ name: 'the command line', role: 'operator', token: lasting.controlToken });
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

  const url = settings.gitlab?.url ?? '';
  const gitlab = gitlabToken === undefined ? undefined : createGitLab({ url, token: gitlabToken, now });
  const opsGitlab = opsToken === undefined ? undefined : createGitLab({ url, token: opsToken, now });
  if (gitlab) closers.push(() => gitlab.close());
  if (opsGitlab) closers.push(() => opsGitlab.close());
  // Loaded only where it is used.
  const freshdesk = settings.freshdesk && (await (await import('./freshdesk.ts')).openFreshdesk(settings, secret, now));
  if (freshdesk) closers.push(() => freshdesk.close());

  const browserAddress = () => settings.service.public_url ?? lasting.address() ?? publicUrl(settings);
  const signIn = await createSignIn({ documents, failures, now, publicUrl: browserAddress, ...signInSecrets, log });
  const who = createWho({ tokens: apiTokens, session: request => signIn.sessions.check(request), failures });
  const { routes, ...on } = await switchOn({
    settings,
    gitlab,
    opsGitlab,
    hookUrl: gitlabHookUrl(settings),
    accept,
    documents,
    operator: async request => (await who(request, 'operator')).name,
    viewer: async request => (await who(request, 'viewer')).name,
    records: createRecords(database.query),
    raceSources,
    freshdesk,
    dryRun,
    now,
    log,
  });
  const releases = await switchOnReleases({
    settings,
    documents,
    process,
    shared: database.engine === 'postgres',
    dryRun,
    secret,
    who,
    now,
    log,
    earlier: earlier?.releases ?? null,
  });
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
  return {
    settings,
    automations: [...on.automations, ...(releases?.automations ?? [])],
    nameKeys: on.nameKeys,
    standing: [...on.standing, ...(releases?.standing ?? [])],
    sources,
    routes: [
      signInPages,
      ...routes,
      ...(releases?.routes ?? []),
      app => dashboardRoutes(app, { settings, database, documents, who, pulse, now }),
      app => startPage(app, signIn),
    ],
    who,
    signIn,
    releases,
    budgets: () => ({ gitlab: gitlab?.budget.remaining, gitlab_ops: opsGitlab?.budget.remaining }),
    close: async () => {
      for (const close of closers.toReversed()) await close();
    },
  };
}
