import { ApiError, badParameter, forbidden, invalid, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, has, list, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentHook } from '../present/hook.ts';
import { actorOf, groupOf, projectOf } from '../state/access.ts';
import { ACCESS, HOOK_EVENTS, type HookRecord } from '../state/records.ts';
import { licensed, nextId, now, since } from '../state/world.ts';

export type HookKind = 'project' | 'group' | 'system';

/** Where the hooks of a request live. Group hooks are Premium: on Free the route does not exist. */
export function hooksOf(
  call: Call,
  kind: HookKind,
): { hooks: Map<number, HookRecord>; projectId: number | null; groupId: number | null } {
  if (kind === 'project') {
    const project = projectOf(call, ACCESS.maintainer);
    return { hooks: project.hooks, projectId: project.id, groupId: null };
  }
  if (kind === 'group') {
    if (!licensed(call.world, 'premium')) throw notFound();
    const group = groupOf(call, ACCESS.owner);
    return { hooks: group.hooks, projectId: null, groupId: group.id };
  }
  if (!actorOf(call).user.isAdmin) throw forbidden();
  return { hooks: call.world.systemHooks, projectId: null, groupId: null };
}

export function hookOf(call: Call, kind: HookKind): HookRecord {
  const hook = hooksOf(call, kind).hooks.get(pathInteger(call, 'hook_id'));
  if (hook === undefined) throw notFound();
  return hook;
}

export function listHooks(kind: HookKind): (call: Call) => Answer {
  return call => offsetPage(call, [...hooksOf(call, kind).hooks.values()], hook => presentHook(call.world, hook));
}

export function getHook(kind: HookKind): (call: Call) => Answer {
  return call => ok(presentHook(call.world, hookOf(call, kind)));
}

export function postHook(kind: HookKind): (call: Call) => Answer {
  return call => {
    const { hooks, projectId, groupId } = hooksOf(call, kind);
    const { world, input } = call;
    const hook: HookRecord = {
      id: nextId(world, 'hooks'),
      kind,
      projectId,
      groupId,
      url: checkedUrl(requiredText(input, 'url')),
      name: null,
      description: null,
      token: null,
      signingToken: null,
      events: Object.fromEntries(HOOK_EVENTS.map(name => [name, name === 'push_events'])) as HookRecord['events'],
      branchFilter: null,
      branchFilterStrategy: 'wildcard',
      enableSslVerification: true,
      customTemplate: null,
      customHeaders: new Map(),
      urlVariables: new Map(),
      createdAt: now(world),
      recentFailures: 0,
      backoffCount: 0,
      disabledUntil: null,
      log: [],
    };
    // System hooks hear of repository updates unless told; everybody else only of pushes.
    if (kind === 'system') hook.events.repository_update_events = true;
    fill(call, hook);
    hooks.set(hook.id, hook);
    return created(presentHook(world, hook));
  };
}

export function putHook(kind: HookKind): (call: Call) => Answer {
  return call => {
    const hook = hookOf(call, kind);
    if (has(call.input, 'url')) hook.url = checkedUrl(requiredText(call.input, 'url'));
    fill(call, hook);
    return ok(presentHook(call.world, hook));
  };
}

export function deleteHook(kind: HookKind): (call: Call) => Answer {
  return call => {
    const { hooks } = hooksOf(call, kind);
    hooks.delete(hookOf(call, kind).id);
    return noContent();
  };
}

function fill(call: Call, hook: HookRecord): void {
  const { input, world } = call;
  for (const name of HOOK_EVENTS) hook.events[name] = bool(input, name) ?? hook.events[name];
  if (has(input, 'token')) hook.token = text(input, 'token') === '' ? null : text(input, 'token');
  if (has(input, 'signing_token') && since(world, 19))
    hook.signingToken = checkedSigningToken(text(input, 'signing_token'));
  if (has(input, 'name')) hook.name = text(input, 'name');
  if (has(input, 'description')) hook.description = text(input, 'description');
  if (has(input, 'push_events_branch_filter')) hook.branchFilter = text(input, 'push_events_branch_filter');
  if (has(input, 'custom_webhook_template')) hook.customTemplate = text(input, 'custom_webhook_template');
  hook.branchFilterStrategy =
    oneOf(input, 'branch_filter_strategy', ['wildcard', 'regex', 'all_branches']) ?? hook.branchFilterStrategy;
  hook.enableSslVerification = bool(input, 'enable_ssl_verification') ?? hook.enableSslVerification;
  if (Array.isArray(input['custom_headers'])) hook.customHeaders = pairs(input['custom_headers'], 20, 'custom_headers');
  if (Array.isArray(input['url_variables'])) hook.urlVariables = pairs(input['url_variables'], 20, 'url_variables');
}

function pairs(values: unknown[], limit: number, name: string): Map<string, string> {
  if (values.length > limit) throw invalid({ [name]: [`number of ${name.replace('_', ' ')} exceeded (max ${limit})`] });
  return new Map(
    values.map(value => [String((value as { key?: unknown }).key), String((value as { value?: unknown }).value)]),
  );
}

function checkedUrl(url: string): string {
  if (!/^https?:\/\/[^\s/]+/.test(url)) throw new ApiError(422, { error: 'Invalid url given' });
  return url;
}

/** `whsec_` and 32 bytes in base64; an empty one switches signing off. */
function checkedSigningToken(token: string | null): string | null {
  if (token === null || token === '') return null;
  const key = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(token)?.[1];
  if (key === undefined || Buffer.from(key, 'base64').length !== 32) {
    throw invalid({ signing_token: ['must be in whsec_<base64> format encoding a 32-byte key'] });
  }
  return token;
}

export function putHookValue(kind: HookKind, field: 'customHeaders' | 'urlVariables'): (call: Call) => Answer {
  return call => {
    hookOf(call, kind)[field].set(call.params['key'] ?? '', requiredText(call.input, 'value'));
    return noContent();
  };
}

export function deleteHookValue(kind: HookKind, field: 'customHeaders' | 'urlVariables'): (call: Call) => Answer {
  return call => {
    if (!hookOf(call, kind)[field].delete(call.params['key'] ?? '')) throw notFound();
    return noContent();
  };
}

/** `status=server_failure`, `status[]=200`; anything else is refused. */
export function statusFilter(call: Call): ((status: string) => boolean) | null {
  const wanted = list(call.input, 'status');
  if (wanted === null) return null;
  return status =>
    wanted.some(value => {
      if (value === 'successful') return /^2\d\d$/.test(status);
      if (value === 'client_failure') return /^4\d\d$/.test(status);
      if (value === 'server_failure') return /^5\d\d$/.test(status) || status === 'internal error';
      if (!/^\d{3}$/.test(value)) throw badParameter('status does not have a valid value');
      return status === value;
    });
}

export function tooMany(): ApiError {
  return refuse(429, { error: 'This endpoint has been requested too many times. Try again later.' });
}
