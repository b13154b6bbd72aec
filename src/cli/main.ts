import { Command, CommanderError } from 'commander';
import { ERRORS, type ErrorCode, SignalboxError } from '../errors.ts';
import { VERSION } from '../version.ts';

type CommandModule = { register(program: Command): void };

/** Every command, each loaded only when it is called. */
const COMMANDS: Record<string, () => Promise<CommandModule>> = {
  serve: () => import('./commands/serve.ts'),
  demo: () => import('./commands/demo.ts'),
  sandbox: () => import('./commands/sandbox.ts'),
  init: () => import('./commands/init.ts'),
  doctor: () => import('./commands/doctor.ts'),
  config: () => import('./commands/config.ts'),
  'version-check': () => import('./commands/version-check.ts'),
  board: () => import('./commands/board.ts'),
  races: () => import('./commands/races.ts'),
  release: () => import('./commands/release.ts'),
  tag: () => import('./commands/tag.ts'),
  explain: () => import('./commands/explain.ts'),
  replay: () => import('./commands/replay.ts'),
  journal: () => import('./commands/journal.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
};

/** Faults in what the user wrote, as against operations that failed. */
const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SBX_CONFIG_NOT_FOUND',
  'SBX_CONFIG_INVALID',
  'SBX_CASES_INVALID',
  'SBX_SECRET_UNREADABLE',
  'SBX_WEBHOOK_SECRET_MISSING',
  'SBX_USAGE',
]);

// Who has seen enough (`| head`) ends the printing, and not the work.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/**
 * Runs one command line.
 *
 * @returns the exit code: 0 done · 1 the operation failed or a check found something · 2 wrong usage or configuration
 */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('signalbox')
    .description('Releases, escalations, version checks, boards, races and library tags, for a GitLab and a Freshdesk.')
    .version(VERSION)
    .exitOverride()
    // `release push --version 5.4.1` means the release's.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true });
  const name = args.find(arg => !arg.startsWith('-'));
  const wanted = name === undefined ? undefined : COMMANDS[name];
  const modules = wanted ? [await wanted()] : await Promise.all(Object.values(COMMANDS).map(load => load()));
  for (const module of modules) module.register(program);
  for (const command of program.commands) command.exitOverride();
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 2;
    }
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SignalboxError) {
    const { title, remedy } = ERRORS[error.code];
    const lines = [`${error.code}: ${title}`, `  ${error.detail}`];
    for (const fault of error.faults) lines.push(`  ${fault.at} ${fault.message}`);
    lines.push(`  ${remedy}`);
    process.stderr.write(`${lines.join('\n')}\n`);
    return USAGE.has(error.code) ? 2 : 1;
  }
  process.stderr.write(`SBX_INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
