import { findProject } from '../../config/projects.ts';
import type { Automation } from '../../engine/automation.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { decide, type VersionCheckAction } from './decide.ts';
import type { VersionCheckFacts } from './facts.ts';
import { type GatherContext, gather, parseMergeRequest } from './gather.ts';
import { toEffect } from './perform.ts';
import { toRules, type VersionCheckOptions } from './rules.ts';

/** The reconciler of `merge-request:<project>!<iid>`. */
export function versionCheck(
  gitlab: GitLab,
  options: VersionCheckOptions,
): Automation<VersionCheckFacts, VersionCheckAction> {
  const contextFor = (subject: string): GatherContext => {
    const { project } = parseMergeRequest(subject);
    const settings = findProject(options.settings.projects, project)?.settings;
    if (!settings) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `version_check.projects has no ${project}`);
    return { gitlab, settings, rules: toRules(settings, options.lines) };
  };
  return {
    name: 'version-check',
    kind: 'merge-request',
    gather: look => gather(look, contextFor(look.subject)),
    decide: (facts, _memory, now) => decide(facts, contextFor(`${facts.project}!${facts.iid}`).rules, now),
    effect: (action, facts, look) => toEffect(action, facts, look, contextFor(look.subject)),
  };
}
