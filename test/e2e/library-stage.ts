import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { explainKey } from '../../src/engine/explain.ts';
import { GIT_ENVIRONMENT } from '../../src/sandbox/gitlab/test-git.ts';
import { type LoggedRequest, type Stage, type StageOptions, setStage } from './stage.ts';

const run = promisify(execFile);

export const LIBRARY = '/projects/acme%2Flib-ssh';
export const KEY = 'library:acme/lib-ssh';

/** The sandbox and a service that tags acme/lib-ssh, with a clone of it that real git pushes from. */
export type LibraryStage = Awaited<ReturnType<typeof setLibraryStage>>;

export interface LibraryStageOptions extends Partial<StageOptions> {
  /** More of the section `library_tags`, as YAML lines. */
  rules?: string;
  /** Without a webhook: whatever is seen is found by looking. */
  deaf?: boolean;
}

export async function setLibraryStage(options: LibraryStageOptions = {}) {
  const { rules = '', deaf = false, ...more } = options;
  const stage = await setStage({
    sections: `library_tags:\n  projects: [ acme/lib-* ]\n${rules}`,
    events: {},
    ...more,
  });
  const clone = await mkdtemp(join(tmpdir(), 'signalbox-clone-'));
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', clone, ...args], { env: GIT_ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  const { host } = new URL(stage.gitlabUrl);
  const addressFor = (user: string) => `http://oauth2:glpat-sandbox-${user}@${host}/acme/lib-ssh.git`;
  await git('clone', '--quiet', addressFor('maintainer'), '.');
  if (!deaf) await listen(stage);

  const commit = async (message: string): Promise<string> => {
    await git('commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '--message', message);
    return (await git('rev-parse', 'HEAD')).trim();
  };
  const refs = async (...patterns: string[]): Promise<Map<string, string>> => {
    const lines = (await git('ls-remote', 'origin', ...patterns)).split('\n').filter(Boolean);
    return new Map(lines.map(line => [line.split('\t')[1] ?? '', line.split('\t')[0] ?? '']));
  };
  return {
    ...stage,
    git,
    commit,
    /** One commit on a branch, pushed; its id. */
    push: async (message: string, branch = 'main'): Promise<string> => {
      const oid = await commit(message);
      await git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
      return oid;
    },
    refs,
    /** Where a tag finally points; null when it is not there. */
    tagged: async (name: string): Promise<string | null> => {
      const found = await refs(`refs/tags/${name}`, `refs/tags/${name}^{}`);
      return found.get(`refs/tags/${name}^{}`) ?? found.get(`refs/tags/${name}`) ?? null;
    },
    /** A tag object's own message, byte for byte, as real git reads it. */
    message: async (name: string): Promise<string> => {
      await git('fetch', '--quiet', '--force', 'origin', `refs/tags/${name}:refs/tags/${name}`);
      const object = await git('cat-file', 'tag', name);
      return object.slice(object.indexOf('\n\n') + 2);
    },
    /** Names of the tags beyond those of the seed, sorted. */
    newTags: async (): Promise<string[]> =>
      [...(await refs('refs/tags/*')).keys()]
        .map(name => name.slice('refs/tags/'.length))
        .filter(name => !name.endsWith('^{}') && !SEEDED.has(name))
        .sort(),
    /** What the service asked of GitLab, over the API and by git, oldest first. */
    requests: async (): Promise<{ method: string; path: string }[]> => {
      const log = (await stage.must('admin', 'GET', '/_sandbox/requests')) as LoggedRequest[];
      return log.filter(({ headers }) => /^(?:git\/)?signalbox$/.test(headers['user-agent'] ?? ''));
    },
    explain: (key = KEY) => explainKey(stage.service.database.query, key),
    replay: (key = KEY) => stage.service.engine.replay(key, 'the test'),
    /** The standing round, as it comes every ten minutes. */
    resync: () => stage.service.engine.signal([{ key: 'libraries:acme/lib-*', reason: 'the test' }]),
    close: async () => {
      await stage.close();
      await rm(clone, { recursive: true, force: true });
    },
  };
}

const SEEDED = new Set(['v1.0.0', 'v1.0.1', 'v1.1.0', 'v1.2.0', 'v1.2.1', 'v1.3.0', 'v1.4.0', 'v1.4.1', 'v1.4.2']);

/** Joins acme/lib-ssh and the service by a webhook. */
async function listen(stage: Stage): Promise<void> {
  const token = await readFile(join(dirname(stage.configFile), 'hook'), 'utf8');
  const hook = { url: `${stage.service.url}/hooks/gitlab`, token, push_events: true, tag_push_events: true };
  await stage.must('admin', 'POST', `${LIBRARY}/hooks`, hook);
}
