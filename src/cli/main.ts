import type { Command } from 'commander';
import { SignalboxError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { reportError } from './report-error.ts';
import { SUMMARIES } from './summaries.ts';
import { writeOut } from './write-out.ts';

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
  escalate: () => import('./commands/escalate.ts'),
  races: () => import('./commands/races.ts'),
  release: () => import('./commands/release.ts'),
  tag: () => import('./commands/tag.ts'),
  explain: () => import('./commands/explain.ts'),
  replay: () => import('./commands/replay.ts'),
  journal: () => import('./commands/journal.ts'),
  database: () => import('./commands/database.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
};

const DESCRIPTION =
  'Releases, escalations, version checks, boards, races and library tags, for a GitLab and a Freshdesk.';

/**
 * Runs one command line. What is asked for often and is answered at once is answered without loading anything: the
 * version, the list of commands, and `tag`, which a pipeline waits for.
 *
 * @returns the exit code: 0 done · 1 the operation failed or a check found something · 2 wrong usage or configuration
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--version' || name === '-V') return print(`${VERSION}\n`);
  const asksForHelp = name === '--help' || name === '-h' || (name === 'help' && rest.length === 0);
  if (asksForHelp) {
    print(help());
    return args.length === 0 ? 2 : 0;
  }
  if (name === 'help') return main([...rest, '--help']);
  if (name === 'tag') return (await import('./tag/main.ts')).main(rest);
  try {
    return await runByCommander(name, args);
  } catch (error) {
    return reportError(error);
  }
}

async function runByCommander(name: string, args: readonly string[]): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw await unknownCommand(name);
  // Who has seen enough (`| head`) ends the printing, and not the work.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { Command, CommanderError } = await import('commander');
  const program = new Command('signalbox')
    .description(DESCRIPTION)
    .version(VERSION)
    .exitOverride()
    // `release push --version 5.4.1` means the release's.
    .enablePositionalOptions()
    // What it complains of is said as everything else that is wrong, and not twice.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true });
  (await load()).register(program);
  for (const each of program.commands) each.exitOverride();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const isHelp = error.code === 'commander.help';
    return isHelp
      ? 2
      : reportError(new SignalboxError('SBX_USAGE', error.message.replace(/^error: /, '').replaceAll('\n', ' ')));
  }
}

async function unknownCommand(name: string): Promise<SignalboxError> {
  const { nearest } = await import('../config/did-you-mean.ts');
  const meant = nearest(name, Object.keys(COMMANDS));
  const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
  return new SignalboxError('SBX_USAGE', `there is no command ${name}${hint || ';'} signalbox --help lists them`);
}

/** A line for each command; a test holds the summaries to what the commands say of themselves. */
function help(): string {
  const names = Object.keys(COMMANDS);
  const width = Math.max(...names.map(name => name.length));
  const commands = names.map(name => `  ${name.padEnd(width)}  ${SUMMARIES[name] ?? ''}`);
  return [
    'Usage: signalbox <command> [options]',
    DESCRIPTION,
    `Commands:\n${commands.join('\n')}`,
    'signalbox <command> --help says more about each; -V or --version prints the version.\n',
  ].join('\n\n');
}

function print(text: string): 0 {
  writeOut(1, text);
  return 0;
}
