import type { Documents } from '../../../engine/documents/documents.ts';

const KIND = 'userscript';

/** What was given out last. */
interface GivenOut {
  digest: string;
  /** Since when, in seconds since 1970. */
  since: number;
}

/**
 * The version of a script. Userscript managers take a script only when its version is higher, and a digest has no order: so
 * the version is the time at which this content was first given out, to the second. It also rises when an older release of
 * Signalbox is put back, and when the database is lost.
 */
export async function scriptVersion(documents: Documents, digest: string, now: number): Promise<string> {
  const given = await documents.change<GivenOut>(KIND, 'given-out', current => {
    if (current?.digest === digest) return null;
    return { body: { digest, since: Math.max(Math.floor(now / 1000), (current?.since ?? 0) + 1) } };
  });
  return versionAt(given?.since ?? 0);
}

/** `2026.11.28.41523`: the day, and the second of it. */
function versionAt(seconds: number): string {
  const at = new Date(seconds * 1000);
  const second = seconds % 86_400;
  return [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), second].join('.');
}
