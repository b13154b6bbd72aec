import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Discussion, GitLabUser, Note } from '../../gitlab/client/schemas.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { AllowCommand, OwnReply, OwnText, Person, VersionCheckFacts } from './facts.ts';

export type Talk = Pick<VersionCheckFacts, 'own' | 'replies' | 'commands'>;

export const NO_TALK: Talk = { own: [], replies: [], commands: [] };

export const TEXT_MARKER = 'version-check';
export const REPLY_MARKER = 'version-check-reply';

/** `/signalbox allow`, optionally what, and after a colon the reason. */
const COMMAND = /^\/signalbox[ \t]+allow\b[ \t]*([^:\r\n]*)(?::[ \t]*(.*))?$/im;

/** What has been said on a merge request, as far as it concerns the check: our text, our replies, people's commands. */
export async function gatherTalk(gitlab: GitLab, project: string, iid: number): Promise<Talk> {
  const [me, discussions] = await Promise.all([gitlab.me(), gitlab.mergeRequests.discussions(project, iid)]);
  const person = personReader(gitlab, project);
  const talk: Talk = { own: [], replies: [], commands: [] };
  for (const discussion of discussions) {
    for (const note of discussion.notes) {
      if (note.system) continue;
      if (note.author.id === me.id) addOurs(talk, discussion, note);
      else await addCommand(talk, discussion, note, person);
    }
  }
  for (const own of talk.own) {
    const by = discussions
      .find(each => each.id === own.discussion)
      ?.notes.find(note => note.id === own.note)?.resolved_by;
    // What we resolved ourselves is nobody's word; only a person's resolve says something.
    if (own.resolved && by && by.id !== me.id) own.resolvedBy = await person(by);
  }
  return talk;
}

function addOurs(talk: Talk, discussion: Discussion, note: Note): void {
  const text = readMarker(note.body, TEXT_MARKER);
  if (text && note === discussion.notes[0]) talk.own.push(readOwnText(discussion, note, text.fields));
  const reply = readMarker(note.body, REPLY_MARKER);
  if (reply) talk.replies.push(readOwnReply(reply.fields));
}

function readOwnText(discussion: Discussion, note: Note, fields: Readonly<Record<string, string>>): OwnText {
  return {
    discussion: discussion.id,
    note: note.id,
    fingerprint: fields['situation'] ?? '',
    state: fields['state'] ?? '',
    resolvable: note.resolvable ?? false,
    // A thread is resolved when all of it is: one open reply holds up the merge as the whole does.
    resolved: discussion.notes.every(each => !each.resolvable || each.resolved === true) && note.resolved === true,
    resolvedBy: null,
  };
}

function readOwnReply(fields: Readonly<Record<string, string>>): OwnReply {
  return {
    about: fields['about'] ?? '',
    fingerprint: fields['situation'] ?? '',
    answers: fields['answers'] ?? '',
    by: fields['by'] ?? '',
    reason: fields['reason'] ?? '',
  };
}

async function addCommand(talk: Talk, discussion: Discussion, note: Note, person: PersonReader): Promise<void> {
  const match = COMMAND.exec(note.body);
  if (!match) return;
  const command: AllowCommand = {
    note: note.id,
    discussion: discussion.id,
    by: await person(note.author),
    reason: (match[2] ?? '').trim().slice(0, 500),
  };
  talk.commands.push(command);
}

type PersonReader = (user: GitLabUser) => Promise<Person>;

function personReader(gitlab: GitLab, project: string): PersonReader {
  const levels = new Map<number, Promise<number>>();
  return async user => {
    const level = levels.get(user.id) ?? gitlab.projects.accessLevel(project, user.id);
    levels.set(user.id, level);
    return { id: user.id, username: user.username, accessLevel: await level };
  };
}
