import { spawn } from 'node:child_process';
import { createTestRepository, type TestRepository } from '../../src/git-protocol/testing/git-repository.ts';
import {
  type ServedRepository,
  type ServeOptions,
  serveRepository,
} from '../../src/git-protocol/testing/serve-repository.ts';
import { builtProgram } from '../support/program.ts';

const BIN = await builtProgram();

export interface TagOutcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** What `--json` printed; null for other output. */
  json: Record<string, unknown> | null;
}

export interface RunOptions {
  args?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Kills it, e.g. from a request that arrives. */
  onStart?: (kill: () => void) => void;
}

/** A real `signalbox tag` process with nothing of this machine's environment but what a job has. */
export function runTag({ args = ['--json'], environment = {}, cwd, onStart }: RunOptions): Promise<TagOutcome> {
  const child = spawn(process.execPath, [BIN, 'tag', ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  onStart?.(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const json = stdout.startsWith('{') ? (JSON.parse(stdout) as Record<string, unknown>) : null;
      resolve({ code, signal, stdout, stderr, json });
    });
  });
}

/** What GitLab sets in the job of a push to main. */
export function jobOf(projectUrl: string, commit: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    CI: 'true',
    CI_PROJECT_URL: projectUrl.replace(/\.git$/, ''),
    CI_COMMIT_SHA: commit,
    CI_COMMIT_BRANCH: 'main',
    CI_DEFAULT_BRANCH: 'main',
    CI_PIPELINE_SOURCE: 'push',
    GITLAB_USER_LOGIN: 'ada',
    GITLAB_USER_NAME: 'Ada Lovelace',
    GITLAB_USER_EMAIL: 'ada@example.com',
    ...more,
  };
}

/** A repository behind git's own http-backend for the time of one test. */
export async function withRepository(
  test: (stage: { repository: TestRepository; served: ServedRepository; url: string }) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  const repository = createTestRepository();
  const served = await serveRepository(`${repository.directory}/.git`, options);
  try {
    await test({ repository, served, url: served.url });
  } finally {
    await served.close();
    repository.remove();
  }
}

/** Tags of the repository with the commits they are finally on. */
export function tagsOf(repository: TestRepository): Map<string, string> {
  const lines = repository.git(['show-ref', '--tags', '-d']).split('\n');
  const tags = new Map<string, string>();
  for (const line of lines) tags.set(line.slice(51).replace(/\^\{\}$/, ''), line.slice(0, 40));
  return tags;
}

/** Runs jobs with at most `width` at once. */
export async function inParallel<T, R>(items: readonly T[], width: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let entry = rest.shift(); entry !== undefined; entry = rest.shift()) results[entry[0]] = await run(entry[1]);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
