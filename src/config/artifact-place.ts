import type { Settings } from './schema.ts';

/** Where released files, the logs of their runs and the channel files lie: on this machine, or in a bucket, named for people. */
export type ArtifactPlace = { directory: string } | { bucket: string };

/** The place that `service.artifacts` names. */
export function artifactPlace({ artifacts, data_dir }: Settings['service']): ArtifactPlace {
  if (typeof artifacts === 'object' && 's3' in artifacts)
    return { bucket: `${artifacts.s3.bucket}/${artifacts.s3.prefix}` };
  return artifacts === 'disk' ? { directory: data_dir } : { directory: artifacts.directory };
}
