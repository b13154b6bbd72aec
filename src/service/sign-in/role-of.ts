import type { Role } from '../access.ts';

/** What GitLab says about somebody's groups: full paths. */
export interface Membership {
  /** All groups that he belongs to, directly or through a group above. */
  groups: readonly string[];
  /** The groups that he belongs to himself, by his role there. */
  owner: readonly string[];
  maintainer: readonly string[];
  developer: readonly string[];
}

export interface GroupRules {
  allowed_groups: readonly string[];
  /** Where it is there, exactly the members of these groups are operators. */
  operator_groups?: readonly string[] | undefined;
  operator_role: 'developer' | 'maintainer' | 'owner';
}

/**
 * What somebody may do here, by his groups in GitLab; null where he may not come in. Members of an allowed group may look; who
 * has the operator's role in one of them, or in a group above it, may act. `operator_groups` goes before that.
 */
export function roleOf(membership: Membership, rules: GroupRules): Role | null {
  const belongs = (group: string) => isAmong(group, membership.groups);
  const operators = rules.operator_groups;
  if (operators?.some(belongs)) return 'operator';
  const allowed = rules.allowed_groups.filter(belongs);
  if (allowed.length === 0) return null;
  if (operators) return 'viewer';
  const strong = {
    developer: [...membership.owner, ...membership.maintainer, ...membership.developer],
    maintainer: [...membership.owner, ...membership.maintainer],
    owner: membership.owner,
  }[rules.operator_role];
  return allowed.some(group => strong.some(mine => isWithin(group, mine))) ? 'operator' : 'viewer';
}

function isAmong(group: string, groups: readonly string[]): boolean {
  return groups.some(each => same(each, group));
}

/** Roles are handed down: who is Maintainer of `acme` is one of `acme/tools`, too. */
function isWithin(group: string, above: string): boolean {
  return same(group, above) || group.toLowerCase().startsWith(`${above.toLowerCase()}/`);
}

/** GitLab's paths keep their case and are compared without it. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
