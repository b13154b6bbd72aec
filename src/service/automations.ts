import type { FastifyInstance } from 'fastify';
import type { AccessCheck } from '../access-check.ts';
import { readAsset } from '../assets.ts';
import { boardColumns, boardStanding } from '../automations/board/columns.ts';
import { mentions } from '../automations/board/mentions.ts';
import { board } from '../automations/board/reconcile.ts';
import { boardRoutes } from '../automations/board/routes.ts';
import { boardListRoutes } from '../automations/board/routes-list.ts';
import { boardSignals } from '../automations/board/signals.ts';
import { returnSignals } from '../automations/escalation/return-path/signals.ts';
import { escalationListRoutes } from '../automations/escalation/routes-list.ts';
import { escalationSignals } from '../automations/escalation/signals.ts';
import { userscriptRoutes } from '../automations/escalation/userscript/routes.ts';
import { tagRoutes } from '../automations/library-tags/keyless/routes.ts';
import { libraryTags } from '../automations/library-tags/library-tags.ts';
import { libraryListRoutes } from '../automations/library-tags/routes-list.ts';
import { libraryTagsSignals } from '../automations/library-tags/signals.ts';
import { type RaceSource, raceRoutes } from '../automations/races/routes.ts';
import { raceListRoutes } from '../automations/races/routes-list.ts';
import { raceSignals } from '../automations/races/signals.ts';
import { raceAutomations } from '../automations/races/switch-on.ts';
import { resync } from '../automations/resync/reconcile.ts';
import { tokenCare } from '../automations/token-care/reconcile.ts';
import { versionCheck } from '../automations/version-check/reconcile.ts';
import { mergeGuardRoutes } from '../automations/version-check/routes.ts';
import type { VersionCheckOptions } from '../automations/version-check/rules.ts';
import { versionCheckSignals } from '../automations/version-check/signals.ts';
import { targetBranch } from '../automations/version-check/target-branch.ts';
import { webhookCare } from '../automations/webhook-care/reconcile.ts';
import { freshdeskUrl } from '../config/freshdesk.ts';
import type { Settings } from '../config/schema.ts';
import type { Automation } from '../engine/automation.ts';
import type { Documents } from '../engine/documents/documents.ts';
import type { NameKeys, NewDelivery, Signal } from '../engine/intake/delivery.ts';
import type { EngineLog } from '../engine/log.ts';
import type { Records } from '../engine/records/list-records.ts';
import type { GitLab } from '../gitlab/client/create-gitlab.ts';
import { type GitLabEvent, readWebhook } from '../gitlab/webhook/read-webhook.ts';
import type { FreshdeskSide } from './freshdesk.ts';
import { keylessOptions } from './keyless.ts';
import { publishedReleases } from './published-releases.ts';

/** Adds the HTTP routes of an automation to the service. */
export type Routes = (app: FastifyInstance) => void;

/** What the configuration switches on: reconcilers, who names keys for them, keys that look again by themselves, routes. */
export interface SwitchedOn {
  automations: Automation[];
  nameKeys: NameKeys;
  standing: Signal[];
  routes: Routes[];
}

export interface AutomationsContext {
  settings: Settings;
  gitlab: GitLab | undefined;
  /** With the Maintainer token, where one is configured. */
  opsGitlab: GitLab | undefined;
  /** Where GitLab's webhooks are sent to. */
  hookUrl: string;
  accept: (delivery: NewDelivery) => Promise<void>;
  documents: Documents;
  operator: AccessCheck;
  viewer: AccessCheck;
  freshdesk: FreshdeskSide | undefined;
  records: Records;
  /** The boxes that may report races, with their tokens. */
  raceSources: readonly RaceSource[];
  dryRun: boolean;
  now: () => number;
  log: EngineLog;
}

/** Joins the automations whose sections are present with the clients that they need. */
export async function switchOn(context: AutomationsContext): Promise<SwitchedOn> {
  const { settings, gitlab, opsGitlab, hookUrl, accept, documents } = context;
  const automations: Automation[] = [];
  const standing: Signal[] = [];
  const routes: Routes[] = [];
  const projects = new Set<string>();
  let versionCheckOptions: VersionCheckOptions | undefined;

  if (settings.version_check && gitlab) {
    versionCheckOptions = { settings: settings.version_check, lines: settings.lines ?? [] };
    automations.push(versionCheck(gitlab, versionCheckOptions), targetBranch(gitlab));
    routes.push(app => mergeGuardRoutes(app, context.viewer, context.records));
    for (const project of Object.keys(settings.version_check.projects)) projects.add(project);
  }

  const boardSettings = gitlab ? settings.board : undefined;
  if (boardSettings && gitlab) {
    const boardOptions = { gitlab, settings: boardSettings, documents };
    automations.push(
      board(boardOptions),
      mentions(gitlab, boardSettings),
      boardColumns(gitlab, boardSettings, context.log),
    );
    standing.push(...boardStanding(boardSettings));
    routes.push(app => boardRoutes(app, context.operator, boardOptions));
    routes.push(app => boardListRoutes(app, context.viewer, context.records));
    for (const project of Object.keys(boardSettings.projects)) projects.add(project);
  }

  const racesSettings = gitlab ? settings.races : undefined;
  if (racesSettings && gitlab) {
    const { documents, raceSources, now } = context;
    const races = raceAutomations({ gitlab, documents, settings: racesSettings, now });
    automations.push(...races.automations);
    standing.push(...races.standing);
    projects.add(racesSettings.project);
    routes.push(app => raceRoutes(app, raceSources, { documents, settings: racesSettings, now }));
    routes.push(app => raceListRoutes(app, context.viewer, { documents, settings: racesSettings, now }));
  }

  const { freshdesk } = context;
  let returning: { project: string } | undefined;
  if (settings.escalation && settings.freshdesk && gitlab && freshdesk) {
    const { operator, now, log } = context;
    const releases = publishedReleases(documents);
    const options = { ...freshdesk, gitlab, documents, settings: settings.escalation, releases, operator, now, log };
    // Loaded only where it is switched on: it is large.
    const { switchOnEscalation } = await import('../automations/escalation/switch-on.ts');
    const escalation = switchOnEscalation(options);
    automations.push(...escalation.automations);
    standing.push(...escalation.standing);
    const publicUrl = settings.service.public_url;
    const script = { documents, settings: settings.escalation.userscript, publicUrl, readAsset, now };
    const ofFreshdesk = freshdeskUrl(settings.freshdesk);
    routes.push(escalation.routes, app => userscriptRoutes(app, { ...script, freshdeskUrl: ofFreshdesk }));
    routes.push(app => escalationListRoutes(app, context.viewer, { documents, records: context.records, now }));
    projects.add(settings.escalation.project);
    returning = settings.escalation;
  }

  const librarySettings = gitlab ? settings.library_tags : undefined;
  if (librarySettings && gitlab) {
    const libraries = libraryTags(gitlab, librarySettings, context.documents);
    automations.push(...libraries.automations);
    standing.push(...libraries.standing);
    routes.push(app => libraryListRoutes(app, context.viewer, context.records));
    const keyless = keylessOptions(settings, context.now);
    if (keyless) {
      const { dryRun, now } = context;
      routes.push(app => tagRoutes(app, { ...keyless, gitlab, documents, dryRun, now }));
    }
  }

  const signalsOf = (event: GitLabEvent): Signal[] => [
    ...(versionCheckOptions ? versionCheckSignals(event, versionCheckOptions) : []),
    ...(boardSettings ? boardSignals(event, boardSettings) : []),
    ...(racesSettings ? raceSignals(event, racesSettings) : []),
    ...(returning ? returnSignals(event, returning) : []),
    ...(librarySettings ? libraryTagsSignals(event, librarySettings) : []),
  ];
  const keysOf = (project: string, iid: number): string[] =>
    signalsOf({ kind: 'merge-request', project, iid, action: null }).map(signal => signal.key);
  if (gitlab && projects.size > 0) {
    const issueKeysOf = (project: string) => {
      const keys = (iid: number) => signalsOf({ kind: 'issue', project, iid, action: null }).map(signal => signal.key);
      return keys(1).length > 0 ? keys : undefined;
    };
    automations.push(resync({ gitlab, keysOf, issueKeysOf }));
    for (const project of projects) standing.push({ key: `resync:${project}`, reason: 'the service has started' });
  }
  if (opsGitlab && projects.size > 0) {
    automations.push(webhookCare({ gitlab: opsGitlab, hookUrl, accept }));
    for (const project of projects) standing.push({ key: `webhooks:${project}`, reason: 'the service has started' });
  }
  if (gitlab && projects.size > 0) {
    const tokens = new Map([['gitlab', gitlab], ...(opsGitlab ? [['gitlab-ops', opsGitlab] as const] : [])]);
    automations.push(tokenCare(tokens));
    for (const name of tokens.keys()) standing.push({ key: `token:${name}`, reason: 'the service has started' });
  }
  return {
    automations,
    standing,
    routes,
    nameKeys: delivery => {
      if (delivery.source === 'freshdesk')
        return freshdesk ? escalationSignals(delivery, freshdesk.freshdesk.domain) : [];
      if (delivery.source !== 'gitlab') return [];
      return signalsOf(readWebhook(delivery.payload));
    },
  };
}
