import { findProject } from '../../config/projects.ts';
import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { parseIssue } from './column-events.ts';
import { decide, type MoveAction } from './decide.ts';
import type { BoardFacts, BoardMemory } from './facts.ts';
import { type GatherContext, gather } from './gather.ts';
import { toEffect } from './perform.ts';
import { toRules } from './rules.ts';
import type { BoardSettings } from './settings.ts';

export interface BoardOptions {
  gitlab: GitLab;
  settings: BoardSettings;
  documents: Documents;
}

/** The reconciler of `issue:<project>#<iid>`. */
export function board(options: BoardOptions): Automation<BoardFacts, MoveAction, BoardMemory> {
  const { gitlab, settings: all, documents } = options;
  const contextFor = (project: string): GatherContext => {
    const found = findProject(all.projects, project);
    if (!found) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `board.projects has no ${project}`);
    return { gitlab, documents, all, settings: found.settings, rules: toRules(found.settings) };
  };
  return {
    name: 'board',
    kind: 'issue',
    gather: look => gather(look, contextFor(parseIssue(look.subject).project)),
    decide: (facts, memory, now) => decide(facts, contextFor(facts.project).rules, memory, now),
    effect: (action, facts, look) => toEffect(action, facts, look, gitlab),
  };
}
