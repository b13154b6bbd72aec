import { readFileSync } from 'node:fs';
import type { Token } from '../../automations/library-tags/job/gitlab-call.ts';
import { SignalboxError } from '../../errors.ts';
import type { Environment } from './read-job.ts';

const VARIABLES = ['SIGNALBOX_GITLAB_TOKEN', 'GITLAB_TOKEN', 'CI_JOB_TOKEN'] as const;
/** As `id_tokens:` of a job names it. */
const ID_TOKENS = ['SIGNALBOX_ID_TOKEN', 'ID_TOKEN'] as const;
const JOB_USER = 'gitlab-ci-token';

export interface FoundToken extends Token {
  /** Where it was, for people: `--token-file`, or a variable's name. */
  source: string;
  /** The user name that goes with it over git; GitLab takes any, other servers may not. */
  user: string;
}

/** Nobody's token: public projects can be read without one. */
export const NO_TOKEN: FoundToken = { secret: '', kind: 'none', source: 'no token', user: '' };

/**
 * The first of `--token-file`, SIGNALBOX_GITLAB_TOKEN, GITLAB_TOKEN, CI_JOB_TOKEN that holds something.
 *
 * @throws SignalboxError SBX_SECRET_UNREADABLE for a file that cannot be read or is empty
 */
export function readToken(environment: Environment, file: string | undefined): FoundToken {
  if (file !== undefined) return describe(readSecret(file), '--token-file', environment);
  for (const name of VARIABLES) {
    const value = environment[name]?.trim() ?? '';
    // GitLab leaves `$NAME` as it is where that variable is protected or missing.
    if (value !== '' && !/^\$\{?\w+\}?$/.test(value)) return describe(value, name, environment);
  }
  return NO_TOKEN;
}

/** The job token beside another one, for reading where the other may not. */
export function readJobToken(environment: Environment): FoundToken | null {
  const secret = environment['CI_JOB_TOKEN']?.trim() ?? '';
  return secret === '' ? null : { secret, kind: 'job', source: 'CI_JOB_TOKEN', user: JOB_USER };
}

/**
 * The id_token by which a job shows who it is: of `--token-file`, SIGNALBOX_ID_TOKEN or ID_TOKEN.
 *
 * @throws SignalboxError SBX_USAGE where there is none
 */
export function readIdToken(environment: Environment, file: string | undefined): string {
  if (file !== undefined) return describe(readSecret(file), '--token-file', environment).secret;
  for (const name of ID_TOKENS) {
    const value = environment[name]?.trim() ?? '';
    if (value !== '') return describe(value, name, environment).secret;
  }
  throw new SignalboxError(
    'SBX_USAGE',
    'there is no id_token: give the job `id_tokens: { ID_TOKEN: { aud: … } }`, with the address of the service as `aud`',
  );
}

function readSecret(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new SignalboxError('SBX_SECRET_UNREADABLE', `${file}: ${(error as { code?: string }).code ?? 'unreadable'}`);
  }
  if (text === '') throw new SignalboxError('SBX_SECRET_UNREADABLE', `${file} is empty`);
  return text;
}

function describe(secret: string, source: string, environment: Environment): FoundToken {
  // Anything else would end the header early, or be refused by Node with the secret in the error.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new SignalboxError('SBX_SECRET_UNREADABLE', `${source} holds characters that no token has`);
  }
  const isJob = source === 'CI_JOB_TOKEN' || secret === environment['CI_JOB_TOKEN'] || secret.startsWith('glcbt-');
  return { secret, kind: isJob ? 'job' : 'access', source, user: isJob ? JOB_USER : 'oauth2' };
}
