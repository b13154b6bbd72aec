import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Bucket } from '../automations/release/store/bucket.ts';
import type { Documents } from '../engine/documents/documents.ts';
import type { EngineLog } from '../engine/log.ts';
import { isCoded, SignalboxError } from '../errors.ts';
import { writeOnce } from './write-once.ts';

/** Document `artifact-home`, id `owner`: by which name a place of artifacts knows whose they are. It is the same in a backup. */
interface Owner {
  id: string;
}

const KIND = 'artifact-home';
const ID = 'owner';

/** Where it is written beside the artifacts whose they are. */
export interface OwnerMark {
  /** Where it is, as people would look for it. */
  called: string;
  /** Puts a text there if there is none. @returns whether it is there now */
  put(text: string): Promise<boolean>;
}

/**
 * Makes sure that artifacts in a place of their own belong to this database alone. Two installations on one place would take each other's
 * releases for their own: run their scripts at the next start, and remove what the other still keeps.
 *
 * @throws SignalboxError SBX_ARTIFACTS_OWNED
 */
export async function claimArtifacts(mark: OwnerMark, documents: Documents, log: EngineLog): Promise<void> {
  const owner = await documents.change<Owner>(KIND, ID, current => (current ? null : { body: { id: randomUUID() } }));
  const isOurs = await mark.put(`${JSON.stringify({ database: owner?.id })}\n`).catch((error: unknown) => {
    if (!isCoded(error, 'SBX_ARTIFACTS_UNREACHABLE')) throw error;
    log.warn('whose the artifacts are is asked at the next start', { error: String(error) });
    return true;
  });
  if (!isOurs) throw new SignalboxError('SBX_ARTIFACTS_OWNED', mark.called);
}

/** A file beside the products, none of which begins with a dot. */
export function directoryMark(releases: string): OwnerMark {
  const called = join(releases, '.owner.json');
  return {
    called,
    put: async text => (await writeOnce(called, text)) === text,
  };
}

/** An object below the prefix. */
export function bucketMark(bucket: Bucket, name: string): OwnerMark {
  const key = 'owner.json';
  return {
    called: `s3 ${name}${key}`,
    put: async text => {
      try {
        await bucket.putText(key, text);
        return true;
      } catch (error) {
        if (isCoded(error, 'SBX_ARTIFACT_CONFLICT')) return false;
        throw error;
      }
    },
  };
}
