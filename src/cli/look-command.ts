import type { Command } from 'commander';
import { SignalboxError } from '../errors.ts';
import type { Ask } from './look-once.ts';
import { type CommonOptions, print, printJson, withCommonOptions } from './options.ts';

/** A thing in a project that a person can name by hand, and its key. */
export interface Subject {
  /** `merge request`: what people call it. */
  noun: string;
  /** The first part of its key. */
  kind: string;
  /** Between project and number: `!` or `#`. */
  sign: string;
  /** The parts of its address that stand before the number. */
  pages: readonly string[];
}

export interface LookCommand {
  name: string;
  subject: Subject;
  example: string;
  /** Verdicts for which `--exit-code` ends with 1; without it the command has no such option. */
  fails?: (verdict: string) => boolean;
  /** Registers the command's own options, and says what they ask of the service instead of a look. */
  more?: (command: Command) => (options: Record<string, unknown>) => Ask | undefined;
}

interface LookOptions extends CommonOptions {
  dryRun?: boolean;
  exitCode?: boolean;
}

/** Registers a command that looks at one key now: `version-check MR`, `board ISSUE`. */
export function registerLook(program: Command, { name, subject, example, fails, more }: LookCommand): void {
  const command = program
    .command(name)
    .description(`look at one ${subject.noun} now`)
    .argument(`<${subject.kind}>`, `group/project${subject.sign}12, or its address`)
    .option('--dry-run', 'print what would be done, change nothing');
  if (fails) command.option('--exit-code', 'end with 1 when the verdict is that it must not be merged');
  const askOf = more?.(command);
  withCommonOptions(command, example).action(async (text: string, options: LookOptions & Record<string, unknown>) => {
    const verdict = await look(parseSubject(text, subject), options, askOf?.(options));
    if (options.exitCode && fails?.(verdict)) process.exitCode = 1;
  });
}

/** @returns the verdict */
async function look(key: string, options: LookOptions, ask: Ask | undefined): Promise<string> {
  if (ask && options.dryRun) throw new SignalboxError('SBX_USAGE', '--dry-run shows looks only');
  const { lookOnce } = await import('./look-once.ts');
  const result = await lookOnce(key, { config: options.config, dryRun: options.dryRun ?? false, ...(ask && { ask }) });
  if (options.json) {
    printJson(result);
    return result.decision.verdict;
  }
  print(`${key}: ${result.decision.verdict}`);
  for (const reason of result.decision.because) print(`  ${reason}`);
  for (const step of result.decision.plan) print(`  ${options.dryRun ? 'would' : 'did'}: ${step}`);
  return result.decision.verdict;
}

/**
 * `group/project!12`, or the address of a merge request, as `merge-request:group/project!12`; issues likewise with `#`.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function parseSubject(text: string, subject: Subject): string {
  const key = findSubject(text, subject);
  if (key !== undefined) return key;
  const { noun, sign } = subject;
  throw new SignalboxError('SBX_USAGE', `${text} is no ${noun}: write group/project${sign}12, or its address`);
}

/** The same for a text that may be something else. */
export function findSubject(text: string, { kind, sign, pages }: Subject): string | undefined {
  const short = new RegExp(`^(?:${kind}:)?([\\w.-]+(?:/[\\w.-]+)+)${sign}(\\d+)$`).exec(text);
  if (short) return `${kind}:${short[1]}${sign}${short[2]}`;
  if (URL.canParse(text)) {
    const long = new RegExp(`^/(.+?)(?:/-)?/(?:${pages.join('|')})/(\\d+)`).exec(new URL(text).pathname);
    if (long) return `${kind}:${decodeURIComponent(long[1] ?? '')}${sign}${long[2]}`;
  }
  return undefined;
}
