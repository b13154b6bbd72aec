import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command that goes on. */
export interface Running {
  failed: boolean;
  output: () => string;
  /** Ends it as Ctrl-C does; its exit code. */
  end: () => Promise<number | null>;
}

function shell(script: string, cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function collect(child: ChildProcess, more: () => void = () => undefined): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', chunk => {
      output += String(chunk);
      more();
    });
  }
  return () => output;
}

/** Runs a command to its end; where it ends, the next one begins. */
export async function run(
  ...[script, cwd, env, directory]: [string, string, NodeJS.ProcessEnv, string]
): Promise<{ output: string; code: number | null; cwd: string }> {
  const file = join(directory, 'cwd');
  const child = shell(`trap 'pwd > ${file}' EXIT\n${script}`, cwd, env);
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { output: output(), code, cwd: readFileSync(file, 'utf8').trim() };
}

/** Resolves when it has printed that it is ready, or has ended. */
export async function begin(script: string, cwd: string, env: NodeJS.ProcessEnv, ready: RegExp): Promise<Running> {
  const child = shell(`exec ${script}`, cwd, env);
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = () => '';
  const failed = await new Promise<boolean>(resolve => {
    output = collect(child, () => {
      if (ready.test(output())) resolve(false);
    });
    void closed.then(() => resolve(true));
  });
  return {
    failed,
    output,
    end: async () => {
      if (child.exitCode === null) child.kill('SIGINT');
      return (await closed)[0];
    },
  };
}
