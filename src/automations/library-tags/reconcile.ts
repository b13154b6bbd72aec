import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { decideLibrary, type LibraryAction } from './decide-library.ts';
import type { LibraryFacts, LibraryMemory } from './facts.ts';
import { gather } from './gather.ts';
import { openJobs } from './keyless/jobs.ts';
import { toEffect } from './perform.ts';
import { type LibraryRules, rulesOf } from './rules.ts';
import type { LibraryTagsSettings } from './settings.ts';

/** The reconciler of `library:<project>`. */
export function library(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
  documents: Documents,
): Automation<LibraryFacts, LibraryAction, LibraryMemory> {
  const rulesFor = (project: string): LibraryRules => {
    const rules = rulesOf(settings, project);
    if (!rules) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `library_tags.projects has no ${project}`);
    return rules;
  };
  const { name, email } = settings.tagger;
  const tagger = { name, email: email ?? `signalbox@${new URL(gitlab.url).hostname}` };
  return {
    name: 'library-tags',
    kind: 'library',
    gather: async look => {
      const rules = rulesFor(look.subject);
      return gather(look, { gitlab, documents, rules, jobs: await openJobs(documents, look.subject) });
    },
    decide: (facts, memory, now) => decideLibrary(facts, rulesFor(facts.project), memory, now),
    effect: (action, facts, look) => toEffect(action, facts, look, { gitlab, documents, tagger }),
  };
}
