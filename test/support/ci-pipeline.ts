import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtProgram } from './program.ts';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'node_modules/gitlab-ci-local/dist/index.js');

/** How a job calls this program. */
export const COMMAND = `${process.execPath} ${await builtProgram()}`;

/** gitlab-ci-local copies what jobs hand on with rsync. In CI it has to be there; elsewhere its absence is said aloud. */
export function canRunPipelines(template: string): boolean {
  if (spawnSync('rsync', ['--version']).status === 0) return true;
  if (process.env['CI']) throw new Error('rsync is missing, without which gitlab-ci-local cannot run a template');
  console.warn(`NOT RUN: rsync is missing (Debian: apt-get install rsync), so templates/${template}.yml was not run`);
  return false;
}

/** A checkout of a project whose pipeline includes one of our components. */
export interface Pipeline {
  directory: string;
  git: (...args: string[]) => Promise<string>;
  /** Changes one file, and commits it. */
  setFile: (name: string, text: string) => Promise<void>;
  /** Runs the pipeline, or some jobs of it; `output` is what its jobs have printed. */
  run: (variables: Record<string, string>, ...more: string[]) => Promise<{ ok: boolean; output: string }>;
  remove: () => void;
}

/**
 * Commits the component and `.gitlab-ci.yml` in a clone of the project, or in a new repository where there is no GitLab to
 * clone from: in the file the component is `$CI_SERVER_FQDN/<project>/<template>@$CI_COMMIT_SHA`.
 */
export async function setPipeline(
  template: string,
  options: { gitlabUrl: string; project: string; clone: boolean; files: Record<string, string>; message?: string },
): Promise<Pipeline> {
  const directory = mkdtempSync(join(tmpdir(), `${template}-template-`));
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: directory };
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Ada Lovelace', '-c', 'user.email=ada@example.com'];
    const alone = { ...env, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
    return (await exec('git', [...identity, ...args], { cwd: directory, env: alone })).stdout.trim();
  };
  const origin = `${options.gitlabUrl}/${options.project}.git`;
  const withToken = origin.replace('http://', 'http://maintainer:glpat-sandbox-maintainer@');
  if (options.clone) await git('clone', '-q', withToken, '.');
  else await git('init', '-q', '--initial-branch', 'main');
  mkdirSync(join(directory, 'templates'));
  copyFileSync(join(root, `templates/${template}.yml`), join(directory, `templates/${template}.yml`));
  for (const [name, text] of Object.entries(options.files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  await git('add', '-A');
  await git('commit', '-q', '-m', options.message ?? `Use the ${template} component`);
  if (options.clone) {
    await git('push', '-q', 'origin', 'main');
    await git('remote', 'set-url', 'origin', origin);
  } else {
    await git('remote', 'add', 'origin', origin);
    await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  }
  await git('remote', 'set-head', 'origin', 'main');
  return {
    directory,
    git,
    setFile: async (name, text) => {
      writeFileSync(join(directory, name), text);
      await git('commit', '-q', '-a', '-m', `Change ${name}`);
    },
    run: async (variables, ...more) => {
      const args = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
      const options = { cwd: directory, env, timeout: 90_000 };
      try {
        const all = [program, '--force-shell-executor', ...args, ...more];
        const { stdout, stderr } = await exec(process.execPath, all, options);
        return { ok: true, output: stdout + stderr };
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        return { ok: false, output: stdout + stderr };
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
