import { findProject } from '../../config/projects.ts';
import type { Automation } from '../../engine/automation.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { decide, type MoveAction } from './decide.ts';
import type { BoardFacts, BoardMemory } from './facts.ts';
import { type GatherContext, gather, parseIssue } from './gather.ts';
import { toEffect } from './perform.ts';
import { toRules } from './rules.ts';
import type { BoardSettings } from './settings.ts';

/** The reconciler of `issue:<project>#<iid>`. */
export function board(gitlab: GitLab, settings: BoardSettings): Automation<BoardFacts, MoveAction, BoardMemory> {
  const contextFor = (project: string): GatherContext => {
    const found = findProject(settings.projects, project);
    if (!found) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `board.projects has no ${project}`);
    return { gitlab, settings: found.settings, rules: toRules(found.settings) };
  };
  return {
    name: 'board',
    kind: 'issue',
    gather: look => gather(look, contextFor(parseIssue(look.subject).project)),
    decide: (facts, memory, now) => decide(facts, contextFor(facts.project).rules, memory, now),
    effect: (action, facts, look) => toEffect(action, facts, look, gitlab),
  };
}
