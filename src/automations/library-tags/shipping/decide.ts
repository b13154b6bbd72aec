import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import type { VersionFacts } from './facts.ts';

export type VersionAction = PlannedAction & ({ type: 'release' } | { type: 'note'; issueProject: string; iid: number });

const STATES: Record<Exclude<VersionFacts['state'], 'ours'>, [verdict: string, because: string]> = {
  theirs: ['not ours', 'This tag was not made by us, so nothing is said about it.'],
  elsewhere: ['moved', 'Somebody has moved this tag to another commit since we made it, so nothing is said about it.'],
  gone: ['gone', 'Somebody has deleted this tag since we made it.'],
  'not configured': ['not configured', 'The project is no library of library_tags, or the token may not see it.'],
};

/** What is still to be said about one version: its release, and a note on each issue that it closes. */
export function decideVersion(
  facts: VersionFacts,
  rules: { release: boolean; note: boolean } | null,
): Decision<VersionAction> {
  if (facts.state !== 'ours' || rules === null) {
    const [verdict, because] = STATES[facts.state === 'ours' ? 'not configured' : facts.state];
    return { verdict, because: [because], actions: [] };
  }
  const { tag, project } = facts;
  const actions: VersionAction[] = [];
  if (rules.release && !facts.hasRelease)
    actions.push({ type: 'release', summary: `make the release ${tag} of ${project}` });
  for (const { project: issueProject, iid, told } of rules.note ? facts.issues : []) {
    if (told) continue;
    actions.push({ type: 'note', issueProject, iid, summary: `say on ${issueProject}#${iid} that ${tag} has it` });
  }
  const since = facts.base === null ? 'It is the first version' : `Since ${facts.base}`;
  const requests = facts.requests.map(({ reference }) => reference).join(', ');
  return {
    verdict: actions.length === 0 ? 'all is said' : `${actions.length} to be said`,
    because: [`${since}${requests === '' ? ', without a merge request' : `: ${requests}`}.`],
    actions,
  };
}
