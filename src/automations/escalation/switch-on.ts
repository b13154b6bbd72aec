import type { FastifyInstance } from 'fastify';
import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { EngineLog } from '../../engine/log.ts';
import type { Freshdesk } from '../../freshdesk/client/create-freshdesk.ts';
import type { FileDoor } from '../../freshdesk/files/open-file.ts';
import type { MailConverter } from '../../freshdesk/mail/mail-types.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { commentPace } from './comment-pace.ts';
import type { EscalationContext } from './context.ts';
import { fileCopier } from './copy-file.ts';
import { createMaterials } from './material.ts';
import { escalation } from './reconcile.ts';
import { escalationIndex } from './reindex.ts';
import { nightly } from './return-path/nightly.ts';
import type { PublishedReleases } from './return-path/published-releases.ts';
import { returnPath } from './return-path/reconcile.ts';
import { watchReleases } from './return-path/watch-releases.ts';
import { type EscalationRoutesOptions, escalationRoutes } from './routes.ts';
import type { EscalationSettings } from './settings.ts';
import { escalationStore } from './store.ts';

export interface EscalationOptions extends EscalationRoutesOptions {
  gitlab: GitLab;
  freshdesk: Freshdesk;
  files: FileDoor;
  mail: MailConverter;
  documents: Documents;
  settings: EscalationSettings;
  /** What was published of the products, for the note on the ticket. */
  releases: PublishedReleases;
  now: () => number;
  log: EngineLog;
  /** Frees the memory of what has streamed through. */
  collect: () => void;
}

/** The escalation's reconcilers, the keys that look by themselves, and its routes. */
export function switchOnEscalation(options: EscalationOptions): {
  automations: Automation[];
  standing: Signal[];
  routes: (app: FastifyInstance) => void;
} {
  const context = escalationContext(options);
  const back = { ...context, releases: options.releases };
  const { domain } = options.freshdesk;
  return {
    automations: [escalation(context), escalationIndex(context), returnPath(back), nightly(back), watchReleases(back)],
    standing: [
      `escalation-index:${options.settings.project}`,
      `escalation-night:${domain}`,
      `escalation-releases:${domain}`,
    ].map(key => ({ key, reason: 'the service has started' })),
    routes: app => escalationRoutes(app, options, context),
  };
}

/** What all looks, routes and previews have to do with. */
export function escalationContext(
  options: Omit<EscalationOptions, keyof EscalationRoutesOptions | 'releases'>,
): EscalationContext {
  const { gitlab, freshdesk, files, mail, documents, settings, now, log, collect } = options;
  const materials = createMaterials(freshdesk, mail, now);
  const { project, files_at_once: atOnce } = settings;
  return {
    gitlab,
    freshdesk,
    files,
    mail,
    store: escalationStore(documents),
    materials,
    copyFile: fileCopier({ gitlab, files, materials, project, atOnce, collect }),
    pace: commentPace(settings.comments_per_minute, now),
    settings,
    project: keptFor(PROJECT_KEPT, now, () => gitlab.projects.find(project)),
    now,
    log,
  };
}

/** Whether it is public changes seldom. */
const PROJECT_KEPT = 60_000;

function keptFor(time: number, now: () => number, ask: () => Promise<Project | null>): () => Promise<Project | null> {
  let kept: { at: number; answer: Promise<Project | null> } | null = null;
  return () => {
    if (kept === null || now() - kept.at > time) {
      const answer = ask();
      kept = { at: now(), answer };
      answer.catch(() => {
        kept = null;
      });
    }
    return kept.answer;
  };
}
