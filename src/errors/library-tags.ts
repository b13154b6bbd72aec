import type { ErrorRow } from './error-row.ts';

/** Library tags. */
export const LIBRARY_TAGS = {
  SBX_TAG_NOT_AUTHENTIC: {
    status: 401,
    title: 'The job’s id_token is missing or not genuine',
    remedy:
      'Give the job `id_tokens: { ID_TOKEN: { aud: … } }` with the address of this service (or `library_tags.keyless.audience`) as `aud`.',
  },
  SBX_TAG_NOT_ALLOWED: {
    status: 403,
    title: 'The pipeline may not have a version from this service',
    remedy:
      'List the project in `library_tags.projects`; protect the branch, or switch off `library_tags.keyless.ref_protected`.',
  },
  SBX_TAG_NOT_PERMITTED: {
    status: 403,
    title: 'The tag may not be created with this token',
    remedy: 'What has to be changed is said above; run it again afterwards, nothing was changed.',
  },
  SBX_TAG_CONTESTED: {
    status: 409,
    title: 'The tag could not be created after many tries',
    remedy: 'Run it again: it looks first, and goes on from what is there.',
  },
  SBX_TAG_NOT_PRINTABLE: {
    status: 500,
    title: 'A tag has a name that later jobs could not read',
    remedy:
      'Rename the directory of the module to letters, digits, dots, hyphens and underscores, or leave out --dotenv.',
  },
} as const satisfies Record<string, ErrorRow>;
