import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A throw-away repository with a work tree, driven by the real git and by nothing of the machine's configuration. */
export interface TestRepository {
  directory: string;
  /** Runs git there; returns standard output without the last newline. */
  git: (args: readonly string[], input?: string | Buffer, environment?: Readonly<Record<string, string>>) => string;
  remove: () => void;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  LC_ALL: 'C.UTF-8',
};

/** Creates an empty repository on the branch main. `format` is git's object format. */
export function createTestRepository(format: 'sha1' | 'sha256' = 'sha1'): TestRepository {
  const directory = mkdtempSync(join(tmpdir(), 'git-protocol-'));
  let clock = 1_700_000_000;
  const git: TestRepository['git'] = (args, input, environment) => {
    clock += 60;
    const date = `${clock} +0000`;
    return execFileSync('git', args, {
      cwd: directory,
      env: { ...ENVIRONMENT, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
      ...(input === undefined ? {} : { input }),
    })
      .toString()
      .replace(/\n$/, '');
  };
  git(['init', '-q', '-b', 'main', `--object-format=${format}`]);
  git(['config', 'uploadpack.allowFilter', 'true']);
  git(['config', 'http.receivepack', 'true']);
  git(['config', 'receive.denyCurrentBranch', 'ignore']);
  return { directory, git, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
