import { join } from 'node:path';
import type { Command } from 'commander';
import { SignalboxError } from '../../errors.ts';
import { print, wholeNumber } from '../options.ts';

export function register(program: Command): void {
  program
    .command('sandbox')
    .description('run the simulated GitLab and Freshdesk alone, to try things out')
    .option('--gitlab-port <port>', 'port on 127.0.0.1; 0 takes any free one', wholeNumber(0, 65_535), 9010)
    .option('--freshdesk-port <port>', 'the same for the simulated Freshdesk', wholeNumber(0, 65_535), 9020)
    .option('--git-dir <directory>', 'where the repositories are kept; a temporary directory unless told')
    .addHelpText('after', '\nExample:\n  signalbox sandbox --gitlab-port 9010 --freshdesk-port 9020')
    .action(run);
}

async function run(options: { gitlabPort: number; freshdeskPort: number; gitDir?: string }): Promise<void> {
  const { startSandbox } = await import('../../sandbox/start-sandbox.ts');
  const { addressError } = await import('../../address-error.ts');
  const { gitDir } = options;
  if (gitDir !== undefined) await requireWritable(gitDir);
  const sandbox = await startSandbox({
    gitlabPort: options.gitlabPort,
    freshdeskPort: options.freshdeskPort,
    ...(gitDir === undefined ? {} : { gitDir }),
  }).catch((error: NodeJS.ErrnoException & { port?: number }) => {
    throw addressError(error, `127.0.0.1:${error.port}`);
  });
  print(`GitLab: ${sandbox.gitlab.url} (token glpat-sandbox-bot; control under /_sandbox/)`);
  print(`Freshdesk: ${sandbox.freshdesk.url}/a/tickets (API key sandbox; control under /_sandbox/)`);
  print('Ctrl-C ends it.');
  await new Promise<void>(resolve => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await sandbox.close();
}

async function requireWritable(directory: string): Promise<void> {
  const { mkdir, mkdtemp, rmdir } = await import('node:fs/promises');
  try {
    await mkdir(directory, { recursive: true });
    await rmdir(await mkdtemp(join(directory, '.writable-')));
  } catch (cause) {
    const detail = `--git-dir ${directory} cannot be written: ${(cause as NodeJS.ErrnoException).code}`;
    throw new SignalboxError('SBX_USAGE', detail, { cause });
  }
}
