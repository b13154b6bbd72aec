import { z } from 'zod';
import { byteSize, duration, httpUrl, name, projectPath, secret } from '../../config/fields.ts';
import type { Section } from '../../config/section.ts';
import { parseWeekly } from './schedule/next-time.ts';

/** What a product is called in addresses, directories and file names. */
export const PRODUCT_NAME = /^[a-z](?:-?[a-z0-9]){0,62}$/;
/** Names that some file systems and tools keep for devices; artifacts are copied there sooner or later. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;
/** A field of the metadata: `RELEASE_META_<FIELD>` for the script, `X-Release-<Field>` in a header. */
const FIELD_NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** Form fields and headers that mean something else. */
const RESERVED_FIELDS = ['file', 'md5', 'sha256', 'secret', 'metadata', 'product', 'size'];
/** A name that becomes part of a path and of an address. */
const ENVIRONMENT_NAME = /^[a-z][a-z0-9-]{0,62}$/;

const fieldRule = z
  .union(
    [
      z.enum(['required', 'optional']),
      z.strictObject({
        required: z.boolean().prefault(true).describe('Whether a release without it is refused.'),
        pattern: z
          .string()
          .refine(isPattern, 'must be a regular expression')
          .optional()
          .describe('A regular expression that the whole value has to match.'),
      }),
    ],
    { error: 'must be required, optional, or { required: true, pattern: … }' },
  )
  .transform((rule): { required: boolean; pattern: string | undefined } =>
    typeof rule === 'string'
      ? { required: rule === 'required', pattern: undefined }
      : { required: rule.required, pattern: rule.pattern },
  );

const oidc = z.strictObject({
  issuer: httpUrl.optional().describe('The `iss` that is demanded; `gitlab.url` unless told.'),
  audience: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('The `aud` that is demanded; `service.public_url` unless told.'),
  project: projectPath.describe('The `project_path` whose pipelines may release this product.'),
  ref_protected: z
    .boolean()
    .prefault(true)
    .describe(
      'Take only pipelines of protected branches and tags. Switching it off lets everybody release who may push.',
    ),
});

const credential = z
  .union(
    [
      z.strictObject({
        name: name.describe('Who holds it; stands in the journal.'),
        secret: secret.describe('The shared secret, sent as `Authorization: Bearer`.'),
      }),
      z.strictObject({
        name: name.prefault('gitlab').describe('What it is called in the journal.'),
        gitlab_oidc: oidc.describe('A GitLab `id_token` of a CI job instead of a shared secret.'),
      }),
    ],
    { error: 'must be { name: …, secret: … } or { gitlab_oidc: { project: … } }' },
  )
  .describe('Who may release this product. Several shared secrets at once while one is being replaced.');

const keep = z.strictObject({
  releases: z
    .number()
    .min(1, 'must be at least 1')
    .multipleOf(1, 'must be a whole number')
    .prefault(10)
    .describe('So many releases of each channel are kept, besides its head and what is pinned.'),
  age: duration.optional().describe('Younger releases are kept as well, for example `90d`.'),
});

const promotion = z.strictObject({
  environment: z.string().describe('Where to: it gets what was released in the environment before it.'),
  at: z
    .string()
    .refine(text => parseWeekly(text) !== undefined, 'must be a day and a time, such as Wed 10:00')
    .describe('When, each week: `Wed 10:00`.'),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
    .prefault('UTC')
    .describe('On the clocks of which place.'),
});

const product = z
  .strictObject({
    credentials: z
      .array(credential)
      .min(1, 'must list at least one: nobody could release it')
      .describe('Who may release.'),
    metadata: z
      .record(
        z
          .string()
          .regex(FIELD_NAME, 'must be a field name: small letters, digits and _, a letter first')
          .refine(field => !RESERVED_FIELDS.includes(field), `must not be one of ${RESERVED_FIELDS.join(', ')}`),
        fieldRule,
      )
      .prefault({ version: 'required' })
      .describe(
        'The fields a release carries: `required`, `optional`, or `{ required, pattern }`. Others are refused.',
      ),
    environments: z
      .array(z.string().regex(ENVIRONMENT_NAME, 'must be a short name such as production'))
      .min(1, 'must list at least one')
      .refine(list => new Set(list).size === list.length, 'must not list one twice')
      .prefault(['development', 'production'])
      .describe('Where a release can go, the first first. A release that names none goes to the first.'),
    script: z
      .string()
      .regex(/^\//, 'must be an absolute path')
      .describe('The release script: called with the artifact and the env file, one at a time.'),
    timeout: duration.prefault('15m').describe('A script that runs longer is ended, and has failed.'),
    grace: duration.prefault('10s').describe('Between asking a script to end and killing it.'),
    attempts: z
      .number()
      .min(1, 'must be at least 1')
      .multipleOf(1, 'must be a whole number')
      .prefault(5)
      .describe('Runs after which a release is not tried again by itself (exit 75, interrupted).'),
    on_interrupt: z
      .enum(['retry', 'fail'])
      .prefault('retry')
      .describe(
        'What becomes of a run that was cut off by the end of the service: `retry` runs it again, `fail` leaves it to a person.',
      ),
    max_size: byteSize.prefault('8GiB').describe('The largest artifact.'),
    min_rate: byteSize
      .prefault('1KiB')
      .describe('Uploads that bring less than this a second, over `idle`, are ended with 408.'),
    idle: duration
      .prefault('30s')
      .describe('How long nothing may come during an upload; also what `min_rate` is measured over.'),
    upload_expires: duration
      .prefault('24h')
      .describe('Resumable uploads that nobody continues are removed after this.'),
    sha256: z
      .enum(['optional', 'required'])
      .prefault('optional')
      .describe('`required` refuses uploads that bring only an MD5, which detects accidents and no more.'),
    retention: keep.prefault({}).describe('What is removed by itself.'),
    promotions: z
      .array(promotion)
      .prefault([])
      .describe('Promotions at a time of the week; without one, a person promotes.'),
  })
  .superRefine((settings, context) => {
    for (const [index, { environment }] of settings.promotions.entries()) {
      if (settings.environments.indexOf(environment) > 0) continue;
      const message = 'must be one of `environments`, and not the first: nothing comes before it';
      context.addIssue({ code: 'custom', path: ['promotions', index, 'environment'], message });
    }
    const names = settings.credentials.map(each => each.name);
    for (const [index, each] of names.entries()) {
      if (names.indexOf(each) < index)
        context.addIssue({ code: 'custom', path: ['credentials', index, 'name'], message: 'is there twice' });
    }
  });

/** The settings of releases. */
export const releaseSettings = z
  .strictObject({
    products: z
      .record(
        z
          .string()
          .regex(PRODUCT_NAME, 'must be a product name: small letters, digits and single -, a letter first')
          .refine(text => !DEVICE_NAME.test(text), 'must not be the name of a device'),
        product,
      )
      .refine(products => Object.keys(products).length > 0, 'must list at least one product')
      .describe('The products, by their name in addresses and file names.'),
  })
  .describe('Takes releases from build servers, checks them and runs their release scripts.');

export type ProductSettings = z.output<typeof product>;
export type CredentialSettings = z.output<typeof credential>;

export const releaseSection = {
  settings: releaseSettings,
  // A GitLab id_token whose issuer is not told comes from the GitLab of the configuration.
  needs: settings => (usesConfiguredGitLab(settings) ? ['gitlab'] : []),
} as const satisfies Section<typeof releaseSettings>;

function usesConfiguredGitLab(settings: unknown): boolean {
  const products = Object.values((settings as { products?: object } | null)?.products ?? {}) as unknown[];
  const credentials = products.flatMap(each => (each as { credentials?: unknown[] } | null)?.credentials ?? []);
  return credentials.some(each => {
    const claims = (each as { gitlab_oidc?: { issuer?: unknown } } | null)?.gitlab_oidc;
    return typeof claims === 'object' && claims !== null && claims.issuer === undefined;
  });
}

function isPattern(text: string): boolean {
  try {
    new RegExp(`^(?:${text})$`, 'u');
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
