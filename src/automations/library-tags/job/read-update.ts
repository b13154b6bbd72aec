import { readCapabilities } from '../../../git-protocol/capabilities.ts';
import type { Commit } from '../../../git-protocol/commit-object.ts';
import { findFiles } from '../../../git-protocol/find-files.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { modulesOf } from '../go-modules.ts';
import type { GoModule } from '../module-path.ts';
import { once, type Retry } from './patience.ts';

/** What never changes about an update of a library: its commit and the modules in it. */
export interface Update {
  commit: Commit;
  /** Every go.mod that go releases from, the root first; empty in a repository without Go. */
  modules: GoModule[];
  /** `Capabilities.filter` of the remote. */
  filter: boolean;
}

/**
 * Reads the commit and its go.mod files, in one or two requests. What the server can do is asked only where it does not do what
 * GitLab does: a plain git http-backend must be told that it may leave out files.
 *
 * @throws SignalboxError SBX_REMOTE_REFUSED when the remote does not have the commit, or the token may not read it
 */
export async function readUpdate(
  remote: Remote,
  commit: string,
  { signal, retry = once }: { signal?: AbortSignal | undefined; retry?: Retry } = {},
): Promise<Update> {
  const read = async (filter: boolean): Promise<Update> => {
    const wanted = (path: string) => path === 'go.mod' || path.endsWith('/go.mod');
    const found = await findFiles(remote, { commit, filter, wanted, ...(signal ? { signal } : {}) });
    const modules = modulesOf(found.files.map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') })));
    return { commit: found.commit, modules, filter };
  };
  try {
    return await read(true);
  } catch (error) {
    if (signal?.aborted) throw error;
    const { filter } = await retry(() => readCapabilities(remote, signal));
    return await retry(() => read(filter));
  }
}
