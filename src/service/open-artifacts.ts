import { join } from 'node:path';
import {
  type PublishedFiles,
  publishedInBucket,
  publishedInDirectory,
} from '../automations/release/publish/published-files.ts';
import { bucketLogs } from '../automations/release/run/bucket-logs.ts';
import { directoryLogs, type RunLogs } from '../automations/release/run/run-logs.ts';
import type { ArtifactStore } from '../automations/release/store/artifact-store.ts';
import type { Bucket } from '../automations/release/store/bucket.ts';
import { bucketStore } from '../automations/release/store/bucket-store.ts';
import { directoryStore } from '../automations/release/store/directory-store.ts';
import type { ReleasePlaces } from '../automations/release/store/release-files.ts';
import type { SecretReference } from '../config/fields.ts';
import type { S3Settings } from '../config/s3.ts';
import type { Settings } from '../config/schema.ts';
import type { EngineLog } from '../engine/log.ts';
import { bucketHome, type ClaimOptions, directoryHome } from './artifact-home.ts';
import { bucketMark, directoryMark, type OwnerMark } from './artifact-owner.ts';

/** Where artifacts, the logs of runs and published files are kept. */
export interface OpenArtifacts {
  /** On this machine: all of it, or what goes to the bucket and comes from there. */
  directory: string;
  /** Null where the directory is the place. */
  bucket: Bucket | null;
  logs: RunLogs;
  published: PublishedFiles;
  store: (places: ReleasePlaces) => ArtifactStore;
  home: () => Promise<ClaimOptions['place']>;
  /** Null in the data directory, which has its own lock and its own database. */
  owner: OwnerMark | null;
}

/** The place that the settings name. Nothing is asked of it yet. */
export async function openArtifacts(
  { artifacts, data_dir }: Settings['service'],
  secret: (reference: SecretReference) => Promise<string>,
  log: EngineLog,
): Promise<OpenArtifacts> {
  if (typeof artifacts === 'object' && 's3' in artifacts) {
    const bucket = await openS3(artifacts.s3, secret);
    const home = async () => bucketHome(artifacts.s3.bucket, artifacts.s3.prefix);
    return {
      directory: data_dir,
      bucket,
      logs: bucketLogs(bucket, join(data_dir, 'runs'), log),
      published: publishedInBucket(bucket),
      store: places => bucketStore(bucket, places),
      home,
      owner: bucketMark(bucket, `${artifacts.s3.bucket}/${artifacts.s3.prefix}`),
    };
  }
  const directory = artifacts === 'disk' ? data_dir : artifacts.directory;
  return {
    directory,
    bucket: null,
    logs: directoryLogs(join(directory, 'runs')),
    published: publishedInDirectory(join(directory, 'public')),
    store: directoryStore,
    home: () => directoryHome(join(directory, 'releases')),
    owner: artifacts === 'disk' ? null : directoryMark(join(directory, 'releases')),
  };
}

/** The client is loaded only where a bucket is configured: it would take a tenth of a second of every start. */
export async function openS3(
  settings: S3Settings,
  secret: (reference: SecretReference) => Promise<string>,
): Promise<Bucket> {
  const { openBucket } = await import('../storage/s3/open-bucket.ts');
  const { endpoint, region, bucket, prefix, path_style } = settings;
  return openBucket({
    endpoint,
    region,
    bucket,
    prefix,
    pathStyle: path_style ?? endpoint !== undefined,
    accessKey: await secret(settings.access_key),
    secretKey: await secret(settings.secret_key),
  });
}
