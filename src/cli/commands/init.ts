import type { Command } from 'commander';
import { SignalboxError } from '../../errors.ts';
import { quoteForShell } from '../quote-for-shell.ts';

interface InitOptions {
  config: string;
  force?: boolean;
  json?: boolean;
}

/** `signalbox init`: writes a commented configuration and says what comes next. */
export function register(program: Command): void {
  program
    .command('init')
    .description('write a commented signalbox.yaml to start from')
    .option('-c, --config <file>', 'where to write it', './signalbox.yaml')
    .option('--force', 'replace a file that is there already')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  signalbox init --config /etc/signalbox/signalbox.yaml')
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  const { initTemplate } = await import('../../config/init-template.ts');
  const file = options.config;
  try {
    // `wx` decides and writes in one step: a file that appears in between is not lost.
    await writeFile(file, initTemplate(), { flag: options.force === true ? 'w' : 'wx' });
  } catch (error) {
    throw new SignalboxError('SBX_CONFIG_NOT_WRITTEN', `${file} ${whyNot(error)}`, { cause: error });
  }
  const config = `--config ${quoteForShell(file)}`;
  const next = [
    `Fill in what stands in <angle brackets> in ${file}.`,
    'Put the secrets where the file says, readable by the service alone: chmod 600.',
    `Check it: signalbox config check ${config}`,
    `Check GitLab's side: signalbox doctor ${config}`,
    `Run it: signalbox serve ${config}`,
  ];
  const text =
    options.json === true
      ? JSON.stringify({ file, next })
      : [`Wrote ${file}. Next:`, ...next.map((step, index) => `  ${index + 1}. ${step}`)].join('\n');
  process.stdout.write(`${text}\n`);
}

function whyNot(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EEXIST') return 'exists already';
  if (code === 'ENOENT') return 'is in a directory that does not exist';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'may not be written by this user';
  return `cannot be written (${code ?? 'unknown error'})`;
}
