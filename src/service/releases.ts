import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { AskingRequest } from '../access-check.ts';
import { channelRoutes } from '../automations/release/channels/routes.ts';
import { createGate, credentialOf, type SharedSecret } from '../automations/release/credentials/gate.ts';
import { identityCheck, type OidcRule } from '../automations/release/credentials/id-token.ts';
import { limitTries } from '../automations/release/credentials/limit-tries.ts';
import { type RunWatch, watchRuns } from '../automations/release/lane/wait-for-run.ts';
import { ReleaseIntake } from '../automations/release/receive/release-intake.ts';
import { UploadSessions } from '../automations/release/receive/tus/upload-sessions.ts';
import { productOf, releaseAutomations, releaseStanding } from '../automations/release/reconcile.ts';
import { releaseRoutes } from '../automations/release/routes.ts';
import type { CredentialSettings, ProductSettings } from '../automations/release/settings.ts';
import type { SecretReference } from '../config/fields.ts';
import { publicUrl } from '../config/public-url.ts';
import type { Settings } from '../config/schema.ts';
import type { Automation } from '../engine/automation.ts';
import type { Documents } from '../engine/documents/documents.ts';
import type { Signal } from '../engine/intake/delivery.ts';
import type { EngineLog } from '../engine/log.ts';
import { SignalboxError } from '../errors.ts';
import { idTokenCheck } from '../gitlab/id-token/check-id-token.ts';
import { signingKeys } from '../gitlab/id-token/signing-keys.ts';
import type { Who } from './access.ts';
import { claimArtifactHome } from './artifact-home.ts';
import { claimArtifacts } from './artifact-owner.ts';
import type { Routes } from './automations.ts';
import { type OpenArtifacts, openArtifacts } from './open-artifacts.ts';

export interface ReleaseOptions {
  settings: Settings;
  documents: Documents;
  /** Tells this process's unfinished uploads from those of others in the same directory. */
  process: string;
  /** Whether other processes may have the same database. */
  shared: boolean;
  /** Then the place of the artifacts is nobody's because of this process, and senders are told that no script will run. */
  dryRun: boolean;
  secret: (reference: SecretReference) => Promise<string>;
  who: Who;
  now: () => number;
  log: EngineLog;
  /** What the generation before has: its uploads and runs go on. */
  earlier: Releases | null;
}

/** What uploads and runs under way hang on, whatever the configuration says meanwhile. */
interface Kept {
  place: OpenArtifacts;
  watch: RunWatch;
  stopping: AbortController;
  intake: ReleaseIntake;
  sessions: UploadSessions;
  /** Gives the place of the artifacts back to other processes. */
  leaveHome: () => void;
}

function begin(place: OpenArtifacts, intake: ReleaseIntake, documents: Documents): Kept {
  return {
    place,
    intake,
    sessions: new UploadSessions(intake),
    watch: watchRuns(documents),
    stopping: new AbortController(),
    leaveHome: () => undefined,
  };
}

/** The release API, switched on by its section. */
export interface Releases {
  automations: Automation[];
  standing: Signal[];
  routes: Routes[];
  /** Brings disk and database together; before the first request. */
  start(): Promise<void>;
  /** Receives by these settings from now on. */
  takeUp(): void;
  /** What a later generation goes on with. */
  kept: Kept;
  /** Ends uploads and waiting answers; before the HTTP server is closed. */
  stop(): Promise<void>;
}

/** Joins the parts of the release API; null where the configuration has no section for it. */
export async function switchOnReleases(options: ReleaseOptions): Promise<Releases | null> {
  const { settings, documents, who, now, log } = options;
  if (!settings.releases) return null;
  const products = new Map(Object.entries(settings.releases.products));
  const secrets = await sharedSecrets(products, options.secret);
  const gate = limitTries(createGate({ secrets, ...identitiesOf(products, settings, now) }), { products, now, log });
  const lines = (settings.lines ?? []).map(line => line.name);
  const open = async () => {
    const place = await openArtifacts(settings.service, options.secret, log);
    const root = join(place.directory, 'releases');
    const { store } = place;
    const receiver = { documents, products, lines, now, log, root, store, process: options.process };
    return begin(place, new ReleaseIntake(receiver), documents);
  };
  const kept = options.earlier?.kept ?? (await open());
  const { place, watch, stopping, intake, sessions } = kept;
  const { logs, published } = place;

  /** People by their token; a build server by its product's credential, for this product only. */
  const reader = async (request: FastifyRequest, product?: string) => {
    const credential = credentialOf(request.headers);
    const others = async () =>
      product === undefined || credential === undefined ? null : (await gate(product, credential, request)).name;
    return (await who(request, 'viewer', others)).name;
  };
  const viewer = async (request: AskingRequest, others?: () => Promise<string>) =>
    (await who(request, 'viewer', others)).name;
  const door = { reader, viewer, stopping: stopping.signal, dryRun: options.dryRun };
  const environments = (product: string) => productOf(products, product).environments;

  return {
    kept,
    takeUp: () => intake.takeUp({ products, lines }),
    automations: releaseAutomations({
      products,
      secretsOf: product => secrets.filter(each => each.product === product).map(each => each.secret),
      documents,
      store: intake.store,
      logs,
      published,
      runner: place.bucket && options.process,
      ended: watch.ended,
      stopping: stopping.signal,
      now,
    }),
    standing: releaseStanding(products),
    routes: [
      app => releaseRoutes(app, { ...door, intake, sessions, gate, waitForRun: watch.wait }),
      app =>
        channelRoutes(app, {
          ...door,
          documents,
          environments,
          now,
          logs,
          operator: async request => (await who(request, 'operator')).name,
        }),
    ],
    start: async () => {
      if (place.owner && !options.dryRun) await claimArtifacts(place.owner, documents, log);
      if (options.shared) kept.leaveHome = await claimArtifactHome({ documents, place: await place.home(), now, log });
      await intake.start();
      sessions.start();
    },
    stop: async () => {
      kept.leaveHome();
      stopping.abort(new SignalboxError('SBX_SERVICE_STOPPING', 'the service is stopping'));
      await intake.stop();
      await sessions.stop();
      place.bucket?.close();
    },
  };
}

async function sharedSecrets(
  products: ReadonlyMap<string, ProductSettings>,
  read: (reference: SecretReference) => Promise<string>,
): Promise<SharedSecret[]> {
  const all = [...products].flatMap(([product, { credentials }]) => credentials.map(each => ({ product, ...each })));
  const shared = all.filter(each => 'secret' in each);
  return Promise.all(shared.map(async ({ product, name, secret }) => ({ product, name, secret: await read(secret) })));
}

/** Who may release with a CI job's id_token, and how such a token is checked. */
function identitiesOf(products: ReadonlyMap<string, ProductSettings>, settings: Settings, now: () => number) {
  const identities = [...products].flatMap(([product, { credentials }]) =>
    credentials.flatMap(each => ('gitlab_oidc' in each ? [ruleOf(product, each, settings)] : [])),
  );
  const check = idTokenCheck({ keys: signingKeys(), now, refusal: 'SBX_RELEASE_NOT_AUTHENTIC' });
  return { identities, verify: identityCheck(check) };
}

function ruleOf(
  product: string,
  { name, gitlab_oidc: claims }: Extract<CredentialSettings, { gitlab_oidc: unknown }>,
  settings: Settings,
): OidcRule {
  return {
    product,
    name,
    issuer: claims.issuer ?? settings.gitlab?.url ?? '',
    audience: claims.audience ?? publicUrl(settings),
    project: claims.project,
    refProtected: claims.ref_protected,
  };
}
