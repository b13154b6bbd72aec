import { execFileSync } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';
import { describeRemote, type Remote } from '../../git-protocol/remote.ts';
import type { Environment, TagTarget } from './read-job.ts';
import type { FoundToken } from './read-token.ts';
import { sendByProgram } from './send-by-program.ts';

export interface Checkout {
  target: TagTarget;
  /** For a remote that is no web address. */
  remote: Remote | null;
  /** What git itself would use; null when it has nothing. */
  token: FoundToken | null;
}

/**
 * The checkout in the current directory: HEAD, its branch, and the remote that this branch follows, all as git itself answers.
 *
 * @throws SignalboxError SBX_USAGE outside of a checkout, with a detached HEAD or without a remote
 */
export function readCheckout(environment: Environment): Checkout {
  const commit = ask(['rev-parse', '--verify', 'HEAD^{commit}'], 'this is no git checkout with a commit');
  const here = ask(['symbolic-ref', '-q', '--short', 'HEAD'], 'HEAD is on no branch: check out the branch to tag');
  const name = config(`branch.${here}.remote`) ?? ask(['remote'], 'the checkout has no remote').split('\n')[0]!;
  const url = ask(['remote', 'get-url', name], `the remote ${name || '(none)'} has no address`);
  const target: TagTarget = {
    repositoryUrl: withoutCredentials(url),
    projectUrl: null,
    apiUrl: null,
    project: '',
    commit,
    branch: config(`branch.${here}.merge`)?.replace(/^refs\/heads\//, '') ?? here,
    defaultBranch: null,
    login: null,
    tagger: identity(),
    authorities: null,
  };
  if (/^https?:\/\//.test(url)) return { target, remote: null, token: credentialsFor(url) };
  return { target, remote: programRemote(url, commit, environment), token: null };
}

function run(args: readonly string[], input?: string): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    // No question on a terminal that may not be there: what git does not know, a token can be named for.
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '' },
    ...(input === undefined ? {} : { input }),
  }).replace(/\n$/, '');
}

function ask(args: readonly string[], fault: string): string {
  try {
    return run(args);
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    throw new SignalboxError('SBX_USAGE', missing ? '--local needs git, which is not installed' : fault);
  }
}

function config(key: string): string | null {
  try {
    return run(['config', '--get', key]) || null;
  } catch {
    return null;
  }
}

function identity(): TagTarget['tagger'] {
  const name = config('user.name');
  const email = config('user.email');
  return name && email ? { name, email } : null;
}

function withoutCredentials(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** From the address itself or from git's credential helpers. */
function credentialsFor(url: string): FoundToken | null {
  const { protocol, host, pathname, username, password } = new URL(url);
  const found = (secret: string, user: string, source: string): FoundToken => ({
    secret,
    user,
    kind: 'access',
    source,
  });
  if (password !== '') {
    return found(decodeURIComponent(password), decodeURIComponent(username), 'the address of the remote');
  }
  try {
    const asked = [`protocol=${protocol.slice(0, -1)}`, `host=${host}`, `path=${pathname.slice(1)}`];
    const answer = run(['credential', 'fill'], `${asked.join('\n')}\n\n`).split('\n');
    const value = (key: string): string => answer.find(line => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
    return value('password') === '' ? null : found(value('password'), value('username'), "git's credential helper");
  } catch {
    return null;
  }
}

/** `git@host:path`, `ssh://…`, `file://…` or a path. */
function programRemote(url: string, commit: string, environment: Environment): Remote {
  const ssh = readSshUrl(url);
  const objectFormat = commit.length === 64 ? 'sha256' : 'sha1';
  const start = ssh
    ? (service: string) => sshCommand(ssh, service, environment)
    : (service: string) => ({ command: service, args: [url.startsWith('file://') ? new URL(url).pathname : url] });
  const programs = {
    ...environment,
    PATH: `${environment['PATH'] ?? ''}:${ask(['--exec-path'], 'git has no programs')}`,
  };
  const send = sendByProgram(start, programs);
  // Only the address is not one that the other transport could have.
  return { ...describeRemote({ url: 'http://127.0.0.1', objectFormat, send }), url: ssh ? url : `file://${url}` };
}

interface SshUrl {
  host: string;
  port: string;
  path: string;
}

function readSshUrl(url: string): SshUrl | null {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'ssh:') {
    const user = parsed.username === '' ? '' : `${decodeURIComponent(parsed.username)}@`;
    return { host: user + parsed.hostname, port: parsed.port, path: decodeURIComponent(parsed.pathname) };
  }
  const short = /^([^/:]+):(?!\/\/)(.+)$/.exec(url);
  return short ? { host: short[1]!, port: '', path: short[2]! } : null;
}

/** As git calls ssh: its own setting is a shell command to which the arguments are appended. */
function sshCommand(
  { host, port, path }: SshUrl,
  service: string,
  environment: Environment,
): { command: string; args: string[] } {
  if (host.startsWith('-')) throw new SignalboxError('SBX_USAGE', `the remote's host ${host} is not one`);
  const program = environment['GIT_SSH_COMMAND'] || config('core.sshCommand') || 'ssh';
  const options = ['-o', 'SendEnv=GIT_PROTOCOL', ...(port === '' ? [] : ['-p', port])];
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  const args = ['-c', `${program} "$@"`, program, ...options, host, `${service} ${quoted}`];
  return { command: 'sh', args };
}
