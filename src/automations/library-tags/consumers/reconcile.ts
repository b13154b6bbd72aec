import type { Automation } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { matchesPattern } from '../../../gitlab/client/list-projects.ts';
import { askAgain, openRemote } from '../open-remote.ts';
import type { LibraryTagsSettings } from '../settings.ts';
import { watchRefs } from '../watch-refs.ts';
import { type ConsumerAction, decideConsumer } from './decide.ts';
import type { ConsumerFacts } from './facts.ts';
import { gatherConsumer, parseConsumer } from './gather.ts';
import { toEffect } from './perform.ts';

const EVERY = 6 * 60 * 60_000;

/** The reconciler of `library-consumer:<project>@<branch>`: one merge request that keeps a branch at the libraries' versions. */
export function libraryConsumer(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
  documents: Documents,
): Automation<ConsumerFacts, ConsumerAction> {
  const isConfigured = (project: string) =>
    (settings.consumers?.projects ?? []).some(pattern => matchesPattern(project, pattern));
  const defaultBranch = async (project: string) => (await gitlab.projects.find(project))?.default_branch ?? '';
  return {
    name: 'library-tags',
    kind: 'library-consumer',
    gather: look => {
      const configured = isConfigured(parseConsumer(look.subject).project);
      return gatherConsumer(look, { gitlab, documents, configured });
    },
    decide: facts => decideConsumer(facts),
    effect: (action, facts, look) => toEffect(action, facts, look, { gitlab, documents, defaultBranch }),
  };
}

export interface ConsumersFacts {
  pattern: string;
  /** `acme/appliance@main` */
  branches: string[];
}

/** The reconciler of `library-consumers:<pattern>`: which branches there are that may use libraries. */
export function libraryConsumers(gitlab: GitLab, settings: LibraryTagsSettings): Automation<ConsumersFacts, never> {
  return {
    name: 'library-tags',
    kind: 'library-consumers',
    standing: true,
    gather: async look => {
      const branches: string[] = [];
      for (const { path_with_namespace: project } of await gitlab.projectsLike(look.subject)) {
        const remote = await openRemote(gitlab, project, look.signal);
        const refs = await askAgain(() => watchRefs(remote, { tags: [], own: [] }, { names: [], signal: look.signal }));
        branches.push(...[...refs.heads.keys()].map(branch => `${project}@${branch}`));
      }
      return { pattern: look.subject, branches };
    },
    decide: ({ pattern, branches }, _memory, now) => ({
      verdict: `${branches.length} branches`,
      because: ['Each of them is held against the versions of the libraries that its go.mod requires.'],
      actions: [],
      ...(settings.consumers?.projects.includes(pattern) ? { lookAgainAt: now + EVERY } : {}),
      alsoLookAt: branches.map(branch => ({ key: `library-consumer:${branch}`, reason: 'libraries may have moved' })),
    }),
    effect: () => {
      throw new Error('a list of consumers changes nothing outside');
    },
  };
}
