import { randomUUID } from 'node:crypto';
import type { Bucket } from '../../automations/release/store/bucket.ts';
import type { SecretReference } from '../../config/fields.ts';
import type { Settings } from '../../config/schema.ts';
import { ERRORS, SignalboxError } from '../../errors.ts';
import { openS3 } from '../../service/open-artifacts.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

const NAME = 'artifact bucket';

/** Whether the bucket does what releases need of it, tried with an object that is removed again. */
export async function checkArtifacts(
  { service: { artifacts } }: Settings,
  secret: (reference: SecretReference) => Promise<string>,
): Promise<Check[]> {
  if (typeof artifacts !== 'object' || !('s3' in artifacts)) return [];
  const { bucket: name, prefix, endpoint } = artifacts.s3;
  const bucket = await openS3(artifacts.s3, secret);
  try {
    const fault = await tryBucket(bucket, `doctor/${randomUUID()}`);
    if (fault) return [fault];
    const checks = [ok(NAME, `${name}/${prefix} can be read, written, listed and emptied, and replaces nothing`)];
    if (endpoint?.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(endpoint)) {
      const detail = `${endpoint} is not encrypted: artifacts can be read on their way`;
      checks.push(warn('artifact bucket address', detail, remedy('bucket not encrypted')));
    }
    return checks;
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    return [
      fail(NAME, `${error.code}: ${error.detail}`, remedy('bucket refused', { advice: ERRORS[error.code].remedy })),
    ];
  } finally {
    bucket.close();
  }
}

async function tryBucket(bucket: Bucket, key: string): Promise<Check | null> {
  await bucket.putText(key, 'first');
  try {
    const replaced = await bucket.putText(key, 'second').then(
      () => true,
      (error: unknown) => {
        if (error instanceof SignalboxError && error.code === 'SBX_ARTIFACT_CONFLICT') return false;
        throw error;
      },
    );
    if (replaced || (await bucket.readText(key)) !== 'first') {
      const detail = 'an object that was there was replaced: the server ignores If-None-Match';
      return fail(NAME, detail, remedy('bucket replaces'));
    }
    const listed = await bucket.list(key);
    if (listed.length !== 1)
      return fail(NAME, 'an object that was just put is not listed', remedy('bucket does not list'));
  } finally {
    await bucket.remove(key);
  }
  if ((await bucket.readText(key)) === null) return null;
  return fail(NAME, 'a removed object is still there', remedy('bucket keeps'));
}
