import type { Automation, Effect, Look } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { readMarker } from '../../../gitlab/text/marker.ts';
import { rulesOf } from '../rules.ts';
import type { LibraryTagsSettings } from '../settings.ts';
import { decideVersion, type VersionAction } from './decide.ts';
import type { VersionFacts } from './facts.ts';
import { gatherVersion, NOTE_MARKER, parseVersionKey } from './gather.ts';
import { renderNote, renderRelease } from './render.ts';

/** The reconciler of `library-version:<project>@<tag>`: what is made and said after a tag. */
export function libraryVersion(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
  documents: Documents,
): Automation<VersionFacts, VersionAction> {
  const rules = (project: string) => rulesOf(settings, project);
  return {
    name: 'library-tags',
    kind: 'library-version',
    gather: look => gatherVersion(look, { gitlab, documents, rules: rules(parseVersionKey(look.subject).project) }),
    decide: facts => decideVersion(facts, rules(facts.project)),
    effect: (action, facts, look) => toEffect(action, facts, look, gitlab),
  };
}

function toEffect(action: VersionAction, facts: VersionFacts, look: Look, gitlab: GitLab): Effect {
  const { project, tag } = facts;
  const context = { chain: look.chain, signal: look.signal };
  const { summary } = action;
  if (action.type === 'release') {
    return {
      name: 'release',
      summary,
      find: async () => ((await gitlab.releases.find(project, tag)) ? { release: tag } : undefined),
      do: async () => {
        const release = { tag_name: tag, name: tag, description: renderRelease(facts) };
        const made = await gitlab.releases.create(project, release, context);
        if (made.commit && made.commit.id !== facts.commit) {
          const detail = `the release ${tag} of ${project} is on ${made.commit.id.slice(0, 10)}: the tag was moved meanwhile`;
          throw new SignalboxError('SBX_TAG_CONTESTED', detail);
        }
        return { release: tag };
      },
    };
  }
  const { issueProject, iid } = action;
  return {
    name: `note:${issueProject}#${iid}`,
    summary,
    find: async () => {
      const me = await gitlab.me();
      const notes = await gitlab.issues.notes(issueProject, iid);
      const ours = notes.find(
        ({ author, body }) => author.id === me.id && readMarker(body, NOTE_MARKER)?.key === look.subject,
      );
      return ours ? { note: ours.id } : undefined;
    },
    do: async () => ({ note: (await gitlab.issues.createNote(issueProject, iid, renderNote(facts), context)).id }),
  };
}
