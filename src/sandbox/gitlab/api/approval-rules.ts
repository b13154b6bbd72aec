import { badParameter, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { demand, integer, integers, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentGroup } from '../present/group.ts';
import { presentUserId } from '../present/user.ts';
import { projectOf } from '../state/access.ts';
import { ACCESS, type ProjectRecord } from '../state/records.ts';
import { nextId } from '../state/world.ts';

interface ApprovalRule {
  id: number;
  name: string;
  approvalsRequired: number;
  userIds: number[];
  groupIds: number[];
}

/** Kept and shown; no merge is held back by them. */
const rules = new WeakMap<ProjectRecord, ApprovalRule[]>();

/** The rules of a project its Maintainers may see; there are none on the Free tier. */
function rulesOf(call: Call): { project: ProjectRecord; own: ApprovalRule[] } {
  const project = projectOf(call, ACCESS.maintainer);
  if (call.world.settings.tier === 'free') throw notFound();
  const own = rules.get(project) ?? [];
  rules.set(project, own);
  return { project, own };
}

function ruleOf(call: Call): { own: ApprovalRule[]; rule: ApprovalRule } {
  const { own } = rulesOf(call);
  const rule = own.find(candidate => candidate.id === pathInteger(call, 'rule_id'));
  if (rule === undefined) throw notFound();
  return { own, rule };
}

function present(call: Call, rule: ApprovalRule): Record<string, unknown> {
  const { world } = call;
  const groups = rule.groupIds.flatMap(id => world.groups.get(id) ?? []);
  const eligible = new Set([...rule.userIds, ...groups.flatMap(group => [...group.members.keys()])]);
  return {
    id: rule.id,
    name: rule.name,
    rule_type: 'regular',
    report_type: null,
    eligible_approvers: [...eligible].map(id => presentUserId(world, id)),
    approvals_required: rule.approvalsRequired,
    users: rule.userIds.map(id => presentUserId(world, id)),
    groups: groups.map(group => presentGroup(world, group)),
    contains_hidden_groups: false,
    protected_branches: [],
    applies_to_all_protected_branches: false,
  };
}

function amount(call: Call): number | null {
  const wanted = integer(call.input, 'approvals_required');
  if (wanted !== null && wanted < 0) throw badParameter('approvals_required does not have a valid value');
  return wanted;
}

export function listApprovalRules(call: Call): Answer {
  return offsetPage(call, rulesOf(call).own, rule => present(call, rule));
}

export function getApprovalRule(call: Call): Answer {
  return ok(present(call, ruleOf(call).rule));
}

export function postApprovalRule(call: Call): Answer {
  const { own } = rulesOf(call);
  demand(call.input, 'name', 'approvals_required');
  const rule: ApprovalRule = {
    id: nextId(call.world, 'approval_rules'),
    name: requiredText(call.input, 'name'),
    approvalsRequired: amount(call) ?? 0,
    userIds: integers(call.input, 'user_ids') ?? [],
    groupIds: integers(call.input, 'group_ids') ?? [],
  };
  own.push(rule);
  return created(present(call, rule));
}

export function putApprovalRule(call: Call): Answer {
  const { rule } = ruleOf(call);
  rule.name = text(call.input, 'name') ?? rule.name;
  rule.approvalsRequired = amount(call) ?? rule.approvalsRequired;
  rule.userIds = integers(call.input, 'user_ids') ?? rule.userIds;
  rule.groupIds = integers(call.input, 'group_ids') ?? rule.groupIds;
  return ok(present(call, rule));
}

export function deleteApprovalRule(call: Call): Answer {
  const { own, rule } = ruleOf(call);
  own.splice(own.indexOf(rule), 1);
  return noContent();
}
