import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { HookEventName } from '../../gitlab/client/hooks.ts';
import type { Hook } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { addEvents, createHook, type HookMaker } from './fix-hooks.ts';
import { remedy } from './remedies.ts';

/** What people read on the page of a webhook. */
const EVENT_NAMES = {
  merge_requests_events: 'merge request events',
  push_events: 'push events',
  tag_push_events: 'tag push events',
  note_events: 'comments',
  issues_events: 'issue events',
  confidential_issues_events: 'confidential issue events',
} as const satisfies Record<HookEventName, string>;

/** GitLab's system hooks know these alone. */
const OF_THE_SYSTEM: readonly HookEventName[] = ['merge_requests_events', 'push_events', 'tag_push_events'];

/** Whether the hooks that send here, of the project, its groups or the instance, send all of these events between them. */
export async function checkHooks(
  path: string,
  { maintainer, hookUrl, isPublic, secret }: HookMaker,
  events: ReadonlySet<HookEventName>,
): Promise<Check> {
  const name = `${path} webhook`;
  const wanted = naming(events);
  if (!maintainer) {
    return warn(name, 'cannot be looked at', remedy('hooks unseen', { events: wanted }));
  }
  const { own, above, system } = await readHooks(maintainer, path, hookUrl);
  const hooks = [...own, ...(above ?? [])];
  if (hooks.length === 0 && !system?.length) {
    const what = remedy(isPublic ? 'no webhook' : 'no webhook, no address', { events: wanted });
    const fix = isPublic && {
      fix: createHook(name, path, { maintainer, hookUrl, secret }, events),
      does: `register a webhook of ${path} to ${hookUrl}, for ${wanted}`,
    };
    if (above && system) return { ...fail(name, `none sends to ${hookUrl}`, what), ...fix };
    const unseen = above ? 'a system hook' : 'a group or system hook';
    const detail = `the project has none that sends to ${hookUrl}; whether ${unseen} does cannot be seen`;
    return { ...warn(name, detail, what), ...fix };
  }
  const lacking = [...events].filter(event => !hooks.some(hook => sends(hook, event)));
  const covered = system?.length ? OF_THE_SYSTEM : [];
  const missing = lacking.filter(event => !covered.includes(event));
  const asleep = own.find(hook => hook.alert_status !== undefined && hook.alert_status !== 'executable');
  if (asleep) {
    const detail = `GitLab has switched it off (${asleep.alert_status})`;
    return warn(name, detail, remedy('webhook off'));
  }
  if (missing.length === 0) return ok(name, `sends ${wanted}`);
  const mine = own[0];
  if (mine) {
    const detail = `lacks ${naming(missing)}`;
    const fix = addEvents(name, path, maintainer, mine, missing);
    return {
      ...fail(name, detail, remedy('events missing')),
      fix,
      does: `let the webhook of ${path} send ${naming(missing)}, too`,
    };
  }
  if (hooks.length > 0) return fail(name, `lacks ${naming(missing)}`, remedy('group events missing'));
  return warn(
    name,
    `a system hook does not send ${naming(missing)}; what they would tell is seen within ten minutes`,
    remedy('system events missing'),
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
function sends(hook: Hook, event: HookEventName): boolean {
  return hook[event] !== false;
}

function naming(events: Iterable<HookEventName>): string {
  return [...events].map(event => EVENT_NAMES[event]).join(', ');
}
