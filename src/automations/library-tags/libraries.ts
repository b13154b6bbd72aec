import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { rulesOf } from './rules.ts';
import type { LibraryTagsSettings } from './settings.ts';

export interface LibrariesFacts {
  pattern: string;
  projects: string[];
}

type Memory = { audited: string[] };

const EVERY = 10 * 60_000;
/** Between two libraries of one round, so that hundreds of them do not come all at once. */
const APART = 1_000;

/**
 * The reconciler of `libraries:<pattern>`: finds the libraries that a pattern means, and has each looked at every ten minutes,
 * whatever webhooks said or failed to say.
 */
export function libraries(gitlab: GitLab, settings: LibraryTagsSettings): Automation<LibrariesFacts, never, Memory> {
  return {
    name: 'library-tags',
    kind: 'libraries',
    standing: true,
    gather: async look => {
      const found = await gitlab.projectsLike(look.subject);
      return { pattern: look.subject, projects: found.map(each => each.path_with_namespace).sort() };
    },
    decide: ({ pattern, projects }, memory, now) => {
      if (!settings.projects.includes(pattern)) {
        return { verdict: 'not configured', because: ['The pattern is no longer in library_tags.'], actions: [] };
      }
      const tagged = projects.filter(project => rulesOf(settings, project)?.onPush);
      const apart = Math.min(APART, EVERY / (tagged.length + 1));
      const fresh = projects.filter(project => !memory?.audited.includes(project));
      return {
        verdict: `${projects.length} ${projects.length === 1 ? 'library' : 'libraries'}`,
        because: [
          projects.length === 0
            ? `No project matches ${pattern}, or the token is a member of none of them.`
            : 'Webhooks can get lost; what they would have said is found this way.',
        ],
        actions: [],
        memory: { audited: projects },
        lookAgainAt: now + EVERY,
        alsoLookAt: [
          ...tagged.map((project, index) => ({
            key: `library:${project}`,
            reason: 'resync',
            dueAt: now + Math.round(index * apart),
          })),
          ...fresh.map(project => ({ key: `library-audit:${project}`, reason: 'a new library' })),
        ],
      };
    },
    effect: () => {
      throw new Error('a list of libraries changes nothing outside');
    },
  };
}
