import { findProject } from '../../config/projects.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { parseIssue, readColumnEvents } from './column-events.ts';
import type { Undo } from './facts.ts';
import { isUndone, moveEndingWith } from './person.ts';
import type { BoardSettings } from './settings.ts';

const KIND = 'board-undo';

/** A person's wish to have our last move of the issue back, as it is kept. */
export async function readUndo(documents: Documents, project: string, iid: number): Promise<Undo | null> {
  const stored = await documents.read<Undo>(KIND, `${project}#${iid}`);
  return stored && { by: stored.body.by, after: stored.body.after };
}

export interface UndoContext {
  gitlab: GitLab;
  settings: BoardSettings;
  documents: Documents;
}

/**
 * Takes down that a person wants our last move of an issue back, and makes the issue due. Which move is meant is settled now,
 * so that looking twice takes nothing more back. It is a person's decision like a move by hand, and stands as long.
 *
 * @param issue `acme/appliance#1`
 * @returns the key that is due, and the column that the issue goes back to; null for none
 * @throws SignalboxError SBX_PROJECT_NOT_CONFIGURED, SBX_NOTHING_TO_UNDO
 */
export async function requestUndo(
  issue: string,
  by: string,
  { gitlab, settings, documents }: UndoContext,
): Promise<{ key: string; column: string | null }> {
  const { project: path, iid } = parseIssue(issue);
  const configured = findProject(settings.projects, path);
  if (!configured) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `board.projects has no ${path}`);
  const { project } = configured;
  const events = await readColumnEvents(gitlab, project, iid, configured.settings);
  const last = events.at(-1);
  if (!last) throw new SignalboxError('SBX_NOTHING_TO_UNDO', `${project}#${iid} was never moved`);
  if (!last.ours)
    throw new SignalboxError('SBX_NOTHING_TO_UNDO', `the last move of ${project}#${iid} is by ${last.by}`);
  const earlier = await readUndo(documents, project, iid);
  if (earlier && isUndone(events, earlier)) {
    throw new SignalboxError('SBX_NOTHING_TO_UNDO', `our last move of ${project}#${iid} was taken back already`);
  }
  const key = `issue:${project}#${iid}`;
  const reason = `${by} takes our last move back`;
  const column = moveEndingWith(events, last.id).removed[0] ?? null;
  await documents.submit({
    changes: [{ kind: KIND, id: `${project}#${iid}`, body: { by, after: last.id } satisfies Undo }],
    signals: [{ key, reason }],
    journal: [{ kind: 'operator', key, data: { undo: column, by } }],
  });
  return { key, column };
}
