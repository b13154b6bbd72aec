import type { ProtectedRefRecord } from './records.ts';

/** The rule that covers a branch or tag; several names with wildcards may: the most permissive one counts, as in GitLab. */
export function isProtected(rules: Map<string, ProtectedRefRecord>, name: string): ProtectedRefRecord | null {
  const covering = [...rules.values()].filter(rule => wildcard(rule.name).test(name));
  const first = covering[0];
  if (first === undefined) return null;
  return {
    ...first,
    pushLevel: covering.map(rule => rule.pushLevel).reduce(permissive),
    mergeLevel: covering.map(rule => rule.mergeLevel).reduce(permissive),
    allowForcePush: covering.every(rule => rule.allowForcePush),
  };
}

/** 0 means "no one". */
function permissive(one: number, other: number): number {
  if (one === 0) return other;
  if (other === 0) return one;
  return Math.min(one, other);
}

/** `release/*` as GitLab reads it: the star takes anything. */
export function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
}
