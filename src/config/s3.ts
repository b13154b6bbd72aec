import { z } from 'zod';
import { httpUrl, secret } from './fields.ts';

/** A bucket of Amazon S3, or of a server that speaks it and honours `If-None-Match` (conditional writes). */
export const s3Settings = z.strictObject({
  endpoint: httpUrl
    .optional()
    .describe('The address of the server, for example https://s3.example.com. Amazon’s without.'),
  region: z
    .string()
    .min(1, 'must name a region')
    .prefault('us-east-1')
    .describe('The region that requests are signed for.'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket: 3 to 63 small letters, digits, . and -')
    .describe('The bucket. It has to exist.'),
  prefix: z
    .string()
    .regex(
      /^(?:[A-Za-z0-9][A-Za-z0-9._-]*\/?)*$/,
      'must be letters, digits, . _ - and /, without a slash at its beginning',
    )
    .transform(prefix => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`))
    .prefault('signalbox/')
    .describe('What all keys begin with. Each installation needs one of its own.'),
  path_style: z
    .boolean()
    .optional()
    .describe(
      'Whether the bucket’s name stands in the path and not in the host name. True where there is an `endpoint`.',
    ),
  access_key: secret.describe('The id of the access key.'),
  secret_key: secret.describe('The access key’s secret.'),
});

export type S3Settings = z.output<typeof s3Settings>;
