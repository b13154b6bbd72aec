import { conflict, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, integer, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { codeProjectOf } from '../state/access.ts';
import { protect } from '../state/projects.ts';
import { ACCESS, type ProjectRecord, type ProtectedRefRecord } from '../state/records.ts';
import { presentBranch } from './branches.ts';

type Kind = 'branch' | 'tag';

function rulesOf(project: ProjectRecord, kind: Kind): Map<string, ProtectedRefRecord> {
  return kind === 'branch' ? project.protectedBranches : project.protectedTags;
}

const LEVEL_NAMES: Record<number, string> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Instance admins',
};

function levels(rule: ProtectedRefRecord, level: number): Record<string, unknown>[] {
  return [
    {
      id: rule.id,
      access_level: level,
      access_level_description: LEVEL_NAMES[level] ?? String(level),
      deploy_key_id: null,
      user_id: null,
      group_id: null,
    },
  ];
}

function present(call: Call, rule: ProtectedRefRecord, kind: Kind): Record<string, unknown> {
  if (kind === 'tag') return { name: rule.name, create_access_levels: levels(rule, rule.pushLevel) };
  return {
    id: rule.id,
    name: rule.name,
    push_access_levels: levels(rule, rule.pushLevel),
    merge_access_levels: levels(rule, rule.mergeLevel),
    allow_force_push: rule.allowForcePush,
    ...(call.world.settings.tier === 'free'
      ? {}
      : { unprotect_access_levels: [], code_owner_approval_required: rule.codeOwnerApproval, inherited: false }),
  };
}

export function listProtected(kind: Kind): (call: Call) => Answer {
  return call => {
    const project = codeProjectOf(call, ACCESS.guest);
    const search = text(call.input, 'search')?.toLowerCase();
    const found = [...rulesOf(project, kind).values()].filter(
      rule => search === undefined || rule.name.toLowerCase().includes(search),
    );
    return offsetPage(call, found, rule => present(call, rule, kind));
  };
}

function ruleOf(call: Call, project: ProjectRecord, kind: Kind): ProtectedRefRecord {
  const rule = rulesOf(project, kind).get(call.params['name'] ?? '');
  if (rule === undefined) throw notFound();
  return rule;
}

export function getProtected(kind: Kind): (call: Call) => Answer {
  return call => ok(present(call, ruleOf(call, codeProjectOf(call, ACCESS.guest), kind), kind));
}

export function postProtected(kind: Kind): (call: Call) => Answer {
  return call => {
    const project = codeProjectOf(call, ACCESS.maintainer);
    const { input, world } = call;
    const name = requiredText(input, 'name');
    const rules = rulesOf(project, kind);
    if (rules.has(name)) throw conflict(`Protected ${kind} '${name}' already exists`);
    protect(world, rules, name, {
      push: integer(input, kind === 'branch' ? 'push_access_level' : 'create_access_level') ?? ACCESS.maintainer,
      merge: integer(input, 'merge_access_level') ?? ACCESS.maintainer,
      allowForcePush: bool(input, 'allow_force_push') ?? false,
      codeOwners: bool(input, 'code_owner_approval_required') ?? false,
    });
    return created(present(call, rules.get(name)!, kind));
  };
}

export function patchProtectedBranch(call: Call): Answer {
  const project = codeProjectOf(call, ACCESS.maintainer);
  const rule = ruleOf(call, project, 'branch');
  rule.allowForcePush = bool(call.input, 'allow_force_push') ?? rule.allowForcePush;
  rule.codeOwnerApproval = bool(call.input, 'code_owner_approval_required') ?? rule.codeOwnerApproval;
  rule.pushLevel = changedLevel(call, 'allowed_to_push') ?? rule.pushLevel;
  rule.mergeLevel = changedLevel(call, 'allowed_to_merge') ?? rule.mergeLevel;
  return ok(present(call, rule, 'branch'));
}

function changedLevel(call: Call, name: string): number | null {
  const changes = call.input[name];
  if (!Array.isArray(changes)) return null;
  const given = changes
    .map(change => integer(change as Record<string, unknown>, 'access_level'))
    .filter(level => level !== null);
  return given.at(-1) ?? null;
}

export function deleteProtected(kind: Kind): (call: Call) => Answer {
  return call => {
    const project = codeProjectOf(call, ACCESS.maintainer);
    rulesOf(project, kind).delete(ruleOf(call, project, kind).name);
    return noContent();
  };
}

/** `PUT /repository/branches/:branch/protect`, kept by GitLab for old clients. */
export function protectBranch(on: boolean): (call: Call) => Promise<Answer> {
  return async call => {
    const project = codeProjectOf(call, ACCESS.maintainer);
    const name = call.params['branch'] ?? '';
    const sha = await project.repository.resolve(`refs/heads/${name}`);
    if (sha === null) throw notFound('Branch');
    if (on) {
      const developers = (parameter: string) =>
        bool(call.input, parameter) === true ? ACCESS.developer : ACCESS.maintainer;
      protect(call.world, project.protectedBranches, name, {
        push: developers('developers_can_push'),
        merge: developers('developers_can_merge'),
      });
    } else project.protectedBranches.delete(name);
    return ok(await presentBranch(call, project, { name, sha }));
  };
}
