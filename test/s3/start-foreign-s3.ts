import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

export interface ForeignS3 {
  endpoint: string;
  bucket: string;
  keys: { accessKey: string; secretKey: string };
  /** Writes other bytes where an object lies, behind the server's back. */
  ruin(key: string, bytes: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A server that others have written. It does not know conditional writes. It checks signatures, but not rightly where a path ends
 * with a slash, as it does in listings: `checked` is for everything but those.
 */
export async function startForeignS3(checked: boolean): Promise<ForeignS3> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-s3rver-'));
  const bucket = 'artifacts';
  const configureBuckets = [{ name: bucket, configs: [] }];
  const server = new S3rver({
    port: 0,
    silent: true,
    directory,
    allowMismatchedSignatures: !checked,
    configureBuckets,
  });
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    keys: { accessKey: 'S3RVER', secretKey: 'S3RVER' },
    ruin: (key, bytes) => writeFile(join(directory, bucket, `${key}._S3rver_object`), bytes),
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
