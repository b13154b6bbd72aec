import type { Effect, Look } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { VersionCheckAction } from './decide.ts';
import type { VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { gatherTalk } from './gather-talk.ts';
import { renderReply, renderRetired, renderText } from './render.ts';
import type { VersionCheckProject } from './settings.ts';

export interface PerformContext {
  gitlab: GitLab;
  settings: VersionCheckProject;
  rules: VersionCheckRules;
}

/** Turns one planned action into the call that does it, and into the look that tells whether it is done. */
export function toEffect(
  action: VersionCheckAction,
  facts: VersionCheckFacts,
  look: Look,
  { gitlab, settings, rules }: PerformContext,
): Effect {
  const { project, iid } = facts;
  const { summary } = action;
  const write = { chain: look.chain, signal: look.signal };
  const calls = gitlab.mergeRequests;
  switch (action.type) {
    case 'open-text': {
      const body = renderText(facts, rules, action);
      return {
        name: 'open-text',
        summary,
        find: async () => {
          const { own } = await gatherTalk(gitlab, project, iid);
          const ours = own.find(text => text.state !== 'retired' && text.resolvable === action.resolvable);
          return ours && { discussion: ours.discussion, note: ours.note };
        },
        do: async () => {
          if (!action.resolvable) return { note: (await calls.createNote(project, iid, body, write)).id };
          const discussion = await calls.startDiscussion(project, iid, body, write);
          return { discussion: discussion.id, note: discussion.notes[0]?.id ?? null };
        },
      };
    }
    case 'edit-text': {
      const body = renderText(facts, rules, action);
      return repeatable(`edit-text:${action.state}`, summary, () =>
        calls.editNote(project, iid, action.text.discussion, action.text.note, body, write),
      );
    }
    case 'resolve':
    case 'reopen':
      return repeatable(action.type, summary, () =>
        calls.setResolved(project, iid, action.text.discussion, action.type === 'resolve', write),
      );
    case 'retire':
      return repeatable(`retire:${action.text.note}`, summary, async () => {
        await calls.editNote(project, iid, action.text.discussion, action.text.note, renderRetired(facts), write);
        if (action.text.resolvable) await calls.setResolved(project, iid, action.text.discussion, true, write);
      });
    case 'reply': {
      const body = renderReply(action, facts, rules);
      return {
        name: `reply:${action.answers}:${action.fingerprint}`,
        summary,
        find: async () => {
          const { replies } = await gatherTalk(gitlab, project, iid);
          const same = (each: (typeof replies)[number]) =>
            each.answers === action.answers && each.fingerprint === action.fingerprint;
          return replies.some(same) ? { answers: action.answers } : undefined;
        },
        do: async () => {
          const note =
            action.discussion === null
              ? await calls.createNote(project, iid, body, write)
              : await calls.reply(project, iid, action.discussion, body, write);
          return { note: note.id };
        },
      };
    }
    case 'set-commit-status': {
      const status = { state: action.state, name: settings.status_name, description: action.description };
      return repeatable('set-commit-status', summary, () =>
        gitlab.projects.setCommitStatus(
          project,
          facts.head ?? '',
          { ...status, ref: facts.sourceBranch, target_url: facts.url },
          write,
        ),
      );
    }
    case 'answer-status-check':
      return repeatable('answer-status-check', summary, () =>
        gitlab.projects.answerStatusCheck(
          project,
          iid,
          { sha: facts.head ?? '', external_status_check_id: action.id, status: action.status },
          write,
        ),
      );
  }
}

/** Sets a state rather than adding something: doing it twice is doing it once, and the next look sees whether it is done. */
function repeatable(name: string, summary: string, call: () => Promise<unknown>): Effect {
  return {
    name,
    summary,
    do: async () => {
      await call();
      return null;
    },
  };
}
