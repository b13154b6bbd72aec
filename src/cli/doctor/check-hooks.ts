import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Hook } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** What people read on the page of a webhook. */
const EVENT_NAMES = {
  merge_requests_events: 'merge request events',
  push_events: 'push events',
  tag_push_events: 'tag push events',
  note_events: 'comments',
  issues_events: 'issue events',
  confidential_issues_events: 'confidential issue events',
} as const;
export type HookEvent = keyof typeof EVENT_NAMES;

/** GitLab's system hooks know these alone. */
const OF_THE_SYSTEM: readonly HookEvent[] = ['merge_requests_events', 'push_events', 'tag_push_events'];

/** Whether the hooks that send here, of the project, its groups or the instance, send all of these events between them. */
export async function checkHooks(
  path: string,
  opsGitlab: GitLab | undefined,
  hookUrl: string,
  events: ReadonlySet<HookEvent>,
): Promise<Check> {
  const name = `${path} webhook`;
  const wanted = naming(events);
  if (!opsGitlab) {
    const remedy = `Set gitlab.ops_token (Maintainer), so that lost deliveries are fetched, too. It has to send ${wanted}.`;
    return warn(name, 'cannot be looked at', remedy);
  }
  const { own, above, system } = await readHooks(opsGitlab, path, hookUrl);
  const hooks = [...own, ...(above ?? [])];
  if (hooks.length === 0 && !system?.length) {
    const remedy = `Add it, with the secret: ${wanted}.`;
    if (above && system) return fail(name, `none sends to ${hookUrl}`, remedy);
    const unseen = above ? 'a system hook' : 'a group or system hook';
    return warn(name, `the project has none that sends to ${hookUrl}; whether ${unseen} does cannot be seen`, remedy);
  }
  const lacking = [...events].filter(event => !hooks.some(hook => sends(hook, event)));
  const covered = system?.length ? OF_THE_SYSTEM : [];
  const missing = lacking.filter(event => !covered.includes(event));
  const asleep = own.find(hook => hook.alert_status !== undefined && hook.alert_status !== 'executable');
  if (asleep) {
    const detail = `GitLab has switched it off (${asleep.alert_status})`;
    return warn(name, detail, 'A running service switches it on again.');
  }
  if (missing.length === 0) return ok(name, `sends ${wanted}`);
  if (hooks.length > 0) return fail(name, `lacks ${naming(missing)}`, 'Switch them on in the webhook.');
  return warn(
    name,
    `a system hook does not send ${naming(missing)}; what they would tell is seen within ten minutes`,
    'Add a webhook of the project or of a group for them, to hear of it at once.',
  );
}

interface Hooks {
  own: Hook[];
  /** Of the groups above; null where the token may not look. */
  above: Hook[] | null;
  system: Hook[] | null;
}

async function readHooks(opsGitlab: GitLab, path: string, hookUrl: string): Promise<Hooks> {
  const parts = path.split('/').slice(0, -1);
  const groups = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const here = (hooks: readonly Hook[]) => hooks.filter(hook => hook.url === hookUrl);
  const [own, system, ...ofGroups] = await Promise.all([
    opsGitlab.hooks.list(path),
    opsGitlab.hooks.above(null),
    ...groups.map(group => opsGitlab.hooks.above(group)),
  ]);
  const isSeen = ofGroups.every(hooks => hooks !== null);
  const above = here(ofGroups.flatMap(hooks => hooks ?? []));
  return { own: here(own), above: isSeen || above.length > 0 ? above : null, system: system && here(system) };
}

/** What an old GitLab does not tell is not held against it. */
function sends(hook: Hook, event: HookEvent): boolean {
  return hook[event] !== false;
}

function naming(events: Iterable<HookEvent>): string {
  return [...events].map(event => EVENT_NAMES[event]).join(', ');
}
