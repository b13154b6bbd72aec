import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a box remembers what it has read: the service's state directory under systemd, else the user's. Each receiver has
 * a file of its own, because what one was told is still news to the other.
 */
export function stateFileFor(receiver: readonly string[], environment: NodeJS.ProcessEnv): string {
  const own = environment['STATE_DIRECTORY']?.split(':')[0];
  const folder =
    own !== undefined && own !== ''
      ? own
      : join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'signalbox');
  const name = createHash('sha256').update(receiver.join('\0')).digest('hex').slice(0, 12);
  return join(folder, `races-${name}.json`);
}
