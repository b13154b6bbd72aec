import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import { listNames } from '../list-names.ts';
import type { AuditedModule, AuditFacts } from './facts.ts';

export type AuditAction = PlannedAction & { type: 'remember' };

const DAY = 24 * 60 * 60_000;
/** At night everywhere in Europe; each library at a minute of its own. */
const HOUR = 2 * 60 * 60_000;
const SPREAD = 120;
/** A pipeline, or the service itself, may still be at it. */
const PATIENCE = 60 * 60_000;

/**
 * What a person should know about a library's tags. It changes nothing: a moved tag is not moved back and a deleted one not made
 * again, because either may have been meant.
 */
export function decideAudit(facts: AuditFacts, now: number): Decision<AuditAction> {
  if (facts.state !== 'there') {
    return {
      verdict: facts.state,
      because: [],
      actions: [],
      ...(facts.state === 'not configured' ? {} : next(facts, now)),
    };
  }
  const findings = [
    ...facts.moved.map(
      ({ name, from, to }) =>
        `${name} was moved from ${short(from)} to ${short(to)}: who has it in a go.sum gets a security error. Release the new content under a new number, and put ${name} back on ${short(from)}.`,
    ),
    ...facts.removed.map(
      ({ name, peeled }) => `${name} was deleted (it was on ${short(peeled)}); its number is not given again.`,
    ),
    ...facts.modules.flatMap(module => findingsOf(module, facts, now)),
  ];
  const count = `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`;
  const actions: AuditAction[] = [];
  if (facts.unseen > 0) {
    const summary = `remember ${facts.unseen} ${facts.unseen === 1 ? 'tag' : 'tags'} of ${facts.project}`;
    actions.push({ type: 'remember', summary });
  }
  return {
    verdict: findings.length === 0 ? 'in order' : count,
    because: findings.length === 0 ? [`${facts.tagCount} tags are where they were first seen.`] : findings,
    actions,
    ...next(facts, now),
  };
}

function findingsOf(module: AuditedModule, facts: AuditFacts, now: number): string[] {
  const { path, fault, latest, lookAlikes, unusable, notCommits, stray, due } = module;
  const findings: string[] = [];
  const named = path ?? facts.project;
  if (fault) findings.push(`No version of ${named} can be used: ${fault}.`);
  if (lookAlikes.length > 0) findings.push(`Go does not see ${listNames(lookAlikes)} as versions of ${named}.`);
  if (unusable.length > 0) findings.push(`Go ignores ${listNames(unusable)}, because the module path is ${named}.`);
  for (const name of notCommits) findings.push(`${name} is not on a commit: go lists it as a version and fails on it.`);
  if (stray) {
    const got = latest ? `\`go get ${named}@latest\` gives ${latest}` : 'the highest version';
    findings.push(`${stray} is on a commit that ${facts.defaultBranch} does not have: ${got}.`);
  }
  if (due && now - facts.headTime > PATIENCE) {
    findings.push(`${facts.defaultBranch} has had no version for over an hour; it should be ${due}.`);
  }
  return findings;
}

function next({ projectId }: AuditFacts, now: number): { lookAgainAt: number } {
  const tonight = now - (now % DAY) + HOUR + ((projectId * 37) % SPREAD) * 60_000;
  return { lookAgainAt: tonight > now ? tonight : tonight + DAY };
}

function short(oid: string): string {
  return oid.slice(0, 10);
}
