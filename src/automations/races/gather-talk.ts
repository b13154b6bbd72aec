import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Note } from '../../gitlab/client/schemas.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { TalkFact } from './facts.ts';
import { type HumanDecision, type HumanVerdict, humanDecisions, verdictOf } from './human-decisions.ts';
import type { RacesSettings } from './settings.ts';
import { MARKER } from './status-block.ts';

export interface Talk {
  verdict: HumanVerdict;
  faults: TalkFact['faults'];
  /** Our last comment about sightings. */
  notedOn: string | null;
  todaysNote: TalkFact['todaysNote'];
}

export const NO_TALK: Talk = { verdict: verdictOf([]), faults: [], notedOn: null, todaysNote: null };

const LEVEL = { reporter: 20, developer: 30, maintainer: 40 } as const;

/** What was said on a race's issue: our comments, known by their markers, and the commands of members. */
export async function gatherTalk(
  gitlab: GitLab,
  { project, commands_role: role }: Pick<RacesSettings, 'project' | 'commands_role'>,
  iid: number,
  today: string,
): Promise<Talk> {
  const [me, notes] = await Promise.all([gitlab.me(), gitlab.issues.notes(project, iid)]);
  const levels = new Map<number, Promise<number>>();
  const levelOf = (user: number): Promise<number> => {
    const level = levels.get(user) ?? gitlab.projects.accessLevel(project, user);
    levels.set(user, level);
    return level;
  };
  const talk: Talk = { ...NO_TALK };
  const answered = new Set<number>();
  const decisions: HumanDecision[] = [];
  const faults: TalkFact['faults'][number][] = [];
  for (const note of notes) {
    if (note.system) continue;
    if (note.author.id === me.id) {
      readOurs(note, talk, answered, today);
      continue;
    }
    const said = humanDecisions(note.body);
    if (said.decisions.length + said.faults.length === 0) continue;
    const by = note.author.username;
    if ((await levelOf(note.author.id)) < LEVEL[role]) faults.push({ note: note.id, by, why: 'role', line: '' });
    else {
      decisions.push(...said.decisions);
      faults.push(...said.faults.map(line => ({ note: note.id, by, why: 'form' as const, line })));
    }
  }
  return { ...talk, verdict: verdictOf(decisions), faults: faults.filter(fault => !answered.has(fault.note)) };
}

function readOurs(note: Note, talk: Talk, answered: Set<number>, today: string): void {
  const answer = readMarker(note.body, MARKER.answer);
  if (answer) answered.add(Number(answer.fields['note']));
  const fields = readMarker(note.body, MARKER.note)?.fields;
  const day = fields?.['day'];
  if (day === undefined) return;
  if (talk.notedOn === null || day > talk.notedOn) talk.notedOn = day;
  if (day === today) {
    const changes = (fields?.['changes'] ?? '').split(',').filter(change => change !== '');
    talk.todaysNote = { id: note.id, state: fields?.['state'] ?? '', changes };
  }
}
