/** What `signalbox tag` was told; every value as it was typed. */
export interface TagOptions {
  local?: boolean;
  service?: string;
  first?: string;
  bump?: string;
  dotenv?: string;
  tokenFile?: string;
  tagger?: string;
  late?: string;
  via?: string;
  wait?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** The options in the order of the help text: name, value, description. Without a value it is a switch. */
export const TAG_OPTIONS = [
  ['local', '', 'in a checkout: tag HEAD on the remote of its branch, which must have the commit'],
  ['service', 'url', 'have the service tag it, for the id_token of the job: no token of GitLab is needed here'],
  ['first', 'version', 'the version of a library that has none (default: v0.0.1)'],
  ['bump', 'rule', 'patch, minor, major, conventional or keywords (default: patch)'],
  ['dotenv', 'file', 'write TAG VERSION PREVIOUS_TAG TAG_CREATED TAG_REASON for later jobs'],
  [
    'token-file',
    'file',
    'instead of SIGNALBOX_GITLAB_TOKEN, GITLAB_TOKEN or CI_JOB_TOKEN; with --service, of ID_TOKEN',
  ],
  ['tagger', 'name-and-address', "'Ada <ada@example.com>' instead of who started the pipeline"],
  ['late', 'rule', 'a commit that a later version contains: contained (no version, the default) or every-commit'],
  ['via', 'ways', 'only these ways to create the tag: push,tags,releases'],
  ['wait', 'seconds', 'how long jobs of earlier commits may go first (default: 2)'],
  ['dry-run', '', 'decide and print, change nothing; needs no right to write'],
  ['json', '', 'print one JSON object'],
] as const satisfies readonly (readonly [name: string, value: string, description: string])[];

export const TAG_DESCRIPTION = "tag the library at this pipeline's commit: the next version, with the commit's message";

export const TAG_EXAMPLE =
  'Runs in a GitLab job without a checkout (GIT_STRATEGY: none) and without git.\n\nExample:\n  signalbox tag --dotenv tag.env';

/** `--first <version>` */
export function flagsOf([name, value]: (typeof TAG_OPTIONS)[number]): string {
  return value === '' ? `--${name}` : `--${name} <${value}>`;
}
