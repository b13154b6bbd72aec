import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { HookEventName, HookSecret } from '../../gitlab/client/hooks.ts';
import type { Hook } from '../../gitlab/client/schemas.ts';
import type { Check } from './check.ts';
import { tryFix } from './try-fix.ts';

/** What it takes to set a webhook up. */
export interface HookMaker {
  /** With the role Maintainer in the project; undefined where no token has it. */
  maintainer: GitLab | undefined;
  hookUrl: string;
  /** Whether that is known to be the address by which GitLab reaches the service. */
  isPublic: boolean;
  /** The secret that the service recognises its webhooks by. */
  secret: () => Promise<HookSecret>;
}

const BY_HAND = 'Do it by hand, in Settings > Webhooks of the project.';

export function createHook(
  name: string,
  path: string,
  { maintainer, hookUrl, secret }: Omit<HookMaker, 'isPublic'> & { maintainer: GitLab },
  events: ReadonlySet<HookEventName>,
): () => Promise<Check> {
  const create = async () => {
    const given = await secret();
    const hook = await maintainer.hooks.create(path, { url: hookUrl, ...given, ...switchedOn(events) });
    // A GitLab whose feature is off takes the hook and forgets the signing token.
    if ('signing_token' in given && hook.signing_token_present !== true) {
      const detail = `the webhook ${hook.id} was made, but GitLab did not take its signing token: enter it there`;
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', detail);
    }
    return `registered the webhook ${hook.id} to ${hookUrl}`;
  };
  return tryFix(name, create, BY_HAND);
}

export function addEvents(
  name: string,
  path: string,
  maintainer: GitLab,
  hook: Hook,
  events: readonly HookEventName[],
): () => Promise<Check> {
  const edit = async () => {
    await maintainer.hooks.edit(path, hook, switchedOn(events));
    return `the webhook ${hook.id} sends everything now`;
  };
  return tryFix(name, edit, BY_HAND);
}

function switchedOn(events: Iterable<HookEventName>): Partial<Record<HookEventName, boolean>> {
  return Object.fromEntries([...events].map(event => [event, true]));
}
