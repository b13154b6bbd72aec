import { SignalboxError } from '../../../errors.ts';

/** What every gzip file begins with. */
const MAGIC = [0x1f, 0x8b];

/**
 * Looks at the first bytes of a file as they come.
 *
 * @param seen how many of them have been seen
 * @returns how many have been seen now; throws SBX_RELEASE_NOT_A_TGZ for other bytes
 */
export function checkGzipHead(seen: number, chunk: Uint8Array): number {
  let now = seen;
  for (let at = 0; now < MAGIC.length && at < chunk.length; at++, now++) {
    if (chunk[at] !== MAGIC[now]) throw notTgz('its first bytes are not those of a gzip file');
  }
  return now;
}

/** @throws SignalboxError SBX_RELEASE_NOT_A_TGZ for a file that ended before its first bytes were there */
export function assertGzipHead(seen: number): void {
  if (seen < MAGIC.length) throw notTgz('it is empty or nearly so');
}

function notTgz(detail: string): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_A_TGZ', detail);
}
