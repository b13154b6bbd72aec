import type { PlannedAction } from '../../engine/automation.ts';
import type { VersionCheckFacts, VersionCheckRules } from './facts.ts';

export type GateAction = PlannedAction &
  (
    | { type: 'set-commit-status'; state: 'success' | 'failed'; description: string }
    | { type: 'answer-status-check'; id: number; status: 'passed' | 'failed' }
  );

/** GitLab keeps at most so much of a status description. */
const DESCRIPTION_LENGTH = 255;

/** Brings the gates besides the thread to the outcome; what shows it already is left alone. */
export function planGates(
  facts: VersionCheckFacts,
  rules: VersionCheckRules,
  outcome: 'passed' | 'failed',
  headline: string,
): GateAction[] {
  const actions: GateAction[] = [];
  const where = `${facts.project}!${facts.iid}`;
  if (rules.gate.includes('commit_status') && facts.head !== null) {
    const state = outcome === 'passed' ? 'success' : 'failed';
    const description = headline.slice(0, DESCRIPTION_LENGTH);
    if (facts.commitStatus?.state !== state || facts.commitStatus.description !== description) {
      actions.push({
        type: 'set-commit-status',
        summary: `set the commit status of ${where} to ${state}`,
        state,
        description,
      });
    }
  }
  if (rules.gate.includes('external_status_check') && facts.statusCheck && facts.statusCheck.status !== outcome) {
    const { id } = facts.statusCheck;
    actions.push({
      type: 'answer-status-check',
      summary: `answer the status check of ${where}: ${outcome}`,
      id,
      status: outcome,
    });
  }
  return actions;
}
