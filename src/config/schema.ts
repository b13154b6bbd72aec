import { z } from 'zod';
import { boardSection } from '../automations/board/settings.ts';
import { escalationSection } from '../automations/escalation/settings.ts';
import { libraryTagsSection } from '../automations/library-tags/settings.ts';
import { racesSection } from '../automations/races/settings.ts';
import { releaseSection } from '../automations/release/settings.ts';
import { versionCheckSection } from '../automations/version-check/settings.ts';
import { SignalboxError } from '../errors.ts';
import { freshdeskSettings } from './freshdesk.ts';
import { gitlabSettings } from './gitlab.ts';
import { releaseLines } from './lines.ts';
import type { Section } from './section.ts';
import { serviceSettings } from './service.ts';

/** One line per automation, and nothing else to do: what it needs comes with its section. */
const sections = {
  version_check: versionCheckSection,
  board: boardSection,
  escalation: escalationSection,
  races: racesSection,
  releases: releaseSection,
  library_tags: libraryTagsSection,
} as const satisfies Record<string, Section>;

/** The name of an automation's section in the file. */
export type AutomationName = keyof typeof sections;

export const AUTOMATIONS = Object.keys(sections) as readonly AutomationName[];

type SectionShape = { [Name in AutomationName]: z.ZodOptional<(typeof sections)[Name]['settings']> };

const sectionShape = Object.fromEntries(
  Object.entries(sections).map(([key, section]) => [key, section.settings.optional()]),
) as SectionShape;

/** The whole document. A section that is missing is an automation that is off. */
export const settingsSchema = z
  .strictObject({
    service: serviceSettings.prefault({}).describe('How the service itself runs.'),
    gitlab: gitlabSettings.optional().describe('The connection to GitLab.'),
    freshdesk: freshdeskSettings.optional().describe('The connection to Freshdesk.'),
    lines: releaseLines
      .optional()
      .describe('The release lines, newest first. Their order says which way a merge goes.'),
    ...sectionShape,
  })
  .superRefine(demandWhatSectionsNeed, { when: () => true });

/** The settings, parsed and with defaults filled in; secrets are still references. */
export type Settings = z.output<typeof settingsSchema>;

function demandWhatSectionsNeed(settings: unknown, context: z.RefinementCtx): void {
  if (typeof settings !== 'object' || settings === null) return;
  const present = new Map(Object.entries(settings));
  for (const key of AUTOMATIONS) {
    const section = present.get(key);
    if (section === undefined) continue;
    for (const need of sections[key].needs(section)) {
      if (present.get(need) === undefined)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `needs the section ${need}: add it, or remove ${key}`,
        });
    }
  }
  const { dashboard } = (present.get('service') ?? {}) as { dashboard?: { gitlab_oauth?: { url?: unknown } } };
  if (dashboard?.gitlab_oauth && dashboard.gitlab_oauth.url === undefined && present.get('gitlab') === undefined)
    context.addIssue({
      code: 'custom',
      path: ['service', 'dashboard', 'gitlab_oauth'],
      message: 'needs the section gitlab, or an url of its own',
    });
}

/**
 * What `serve` asks before it opens its port: with GitLab configured, at least one webhook secret. A service without
 * one would have to refuse every webhook or, worse, believe everybody.
 *
 * @throws SignalboxError SBX_WEBHOOK_SECRET_MISSING
 */
export function requireWebhookSecret(settings: Settings): void {
  if (settings.gitlab === undefined) return;
  const { signing_tokens, secret_tokens } = settings.gitlab.webhook;
  if (signing_tokens.length + secret_tokens.length > 0) return;
  throw new SignalboxError(
    'SBX_WEBHOOK_SECRET_MISSING',
    'gitlab.webhook lists neither signing_tokens nor secret_tokens, so no webhook could be told from a forged one',
  );
}
