import { badRequest, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { bool, integer, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentGroupNamespace, presentUserNamespace } from '../present/project.ts';
import { actorOf, groupRole } from '../state/access.ts';
import { ACCESS } from '../state/records.ts';

/** The version as GitLab prints it: licensed editions end in -ee. */
function versionText(call: Call): string {
  const { version, tier } = call.world.settings;
  const full = version.split('.').length < 3 ? `${version}.0` : version;
  return tier === 'free' ? full : `${full}-ee`;
}

export function getVersion(call: Call): Answer {
  actorOf(call);
  return ok({
    version: versionText(call),
    revision: '0000000sbx',
    kas: kas(),
    enterprise: call.world.settings.tier !== 'free',
  });
}

export function getMetadata(call: Call): Answer {
  return getVersion(call);
}

function kas(): Record<string, unknown> {
  return { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null };
}

/** Settings that steer the simulator itself have GitLab's own names; any other is kept and given back. */
export function getSettings(call: Call): Answer {
  const { throttle, limits, application, maxAttachmentBytes, pushEventHooksLimit } = call.world.settings;
  return ok({
    id: 1,
    default_projects_limit: 100_000,
    default_branch_name: null,
    signup_enabled: false,
    throttle_authenticated_api_enabled: true,
    throttle_authenticated_api_requests_per_period: throttle.limit,
    throttle_authenticated_api_period_in_seconds: throttle.windowSeconds,
    notes_create_limit: limits.notesCreate,
    issues_create_limit: limits.issuesCreate,
    max_attachment_size: Math.round(maxAttachmentBytes / 1024 / 1024),
    push_event_hooks_limit: pushEventHooksLimit,
    deletion_adjourned_period: 7,
    ...application,
  });
}

export function putSettings(call: Call): Answer {
  const { settings } = call.world;
  for (const [name, value] of Object.entries(call.input)) settings.application[name] = value;
  const enabled = bool(call.input, 'throttle_authenticated_api_enabled');
  const limit = integer(call.input, 'throttle_authenticated_api_requests_per_period');
  const window = integer(call.input, 'throttle_authenticated_api_period_in_seconds');
  if (limit !== null && enabled !== false) settings.throttle.limit = limit;
  if (window !== null) settings.throttle.windowSeconds = window;
  if (enabled === false) settings.throttle.limit = 600_000;
  settings.limits.notesCreate = integer(call.input, 'notes_create_limit') ?? settings.limits.notesCreate;
  settings.limits.issuesCreate = integer(call.input, 'issues_create_limit') ?? settings.limits.issuesCreate;
  const attachment = integer(call.input, 'max_attachment_size');
  if (attachment !== null) settings.maxAttachmentBytes = attachment * 1024 * 1024;
  settings.pushEventHooksLimit = integer(call.input, 'push_event_hooks_limit') ?? settings.pushEventHooksLimit;
  return getSettings(call);
}

/** Feature flags by API: the one the simulator knows is `auto_disabling_web_hooks`. */
export function setFeature(call: Call): Answer {
  const name = call.params['name'] ?? '';
  const value = requiredText(call.input, 'value');
  if (name === 'auto_disabling_web_hooks') call.world.settings.autoDisableHooks = value === 'true';
  return created({
    name,
    state: value === 'true' ? 'on' : 'off',
    gates: [{ key: 'boolean', value: value === 'true' }],
    definition: null,
  });
}

export function listNamespaces(call: Call): Answer {
  const { user } = actorOf(call);
  const { world } = call;
  const search = text(call.input, 'search')?.toLowerCase();
  const groups = [...world.groups.values()].filter(group => groupRole(world, user, group) >= ACCESS.guest);
  const users = user.isAdmin ? [...world.users.values()] : [user];
  const all = [
    ...users.map(owner => presentUserNamespace(world, owner)),
    ...groups.map(group => presentGroupNamespace(world, group)),
  ];
  const found = all.filter(
    entry =>
      search === undefined || `${String(entry['full_path'])} ${String(entry['name'])}`.toLowerCase().includes(search),
  );
  return offsetPage(call, found, entry => entry);
}

export function getNamespace(call: Call): Answer {
  const wanted = call.params['id'] ?? '';
  const { world } = call;
  actorOf(call);
  for (const user of world.users.values()) {
    if (String(user.namespaceId) === wanted || user.username === wanted) return ok(presentUserNamespace(world, user));
  }
  for (const group of world.groups.values()) {
    if (String(group.id) === wanted || group.fullPath === wanted) return ok(presentGroupNamespace(world, group));
  }
  throw notFound('Namespace');
}

export function namespaceExists(call: Call): Answer {
  const wanted = (call.params['id'] ?? '').toLowerCase();
  const taken =
    [...call.world.users.values()].some(user => user.username.toLowerCase() === wanted) ||
    [...call.world.groups.values()].some(group => group.path.toLowerCase() === wanted);
  return ok({ exists: taken, suggests: taken ? [`${wanted}1`] : [] });
}

export function renderMarkdown(call: Call): Answer {
  const source = requiredText(call.input, 'text');
  if (source.length > 1_048_576) throw badRequest('text is too long');
  const escaped = source.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return created({ html: `<p data-sourcepos="1:1-1:${source.length}" dir="auto">${escaped}</p>` });
}
