import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

interface DoctorOptions extends CommonOptions {
  fix?: boolean;
  yes?: boolean;
}

export function register(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('check everything the service needs, and say what to do')
    .option('--fix', 'after asking, do what can be done from here: webhooks, labels, board lists, merge settings')
    .option('--yes', 'with --fix: do not ask');
  withCommonOptions(doctor, 'signalbox doctor --config /etc/signalbox/signalbox.yaml --fix').action(run);
}

async function run(options: DoctorOptions): Promise<void> {
  const { examine } = await import('../doctor/examine.ts');
  const checks = await examine(options.config, { fix: fixer(options) });
  if (options.json)
    printJson({ checks: checks.map(({ name, status, detail, remedy }) => ({ name, status, detail, remedy })) });
  else for (const check of checks) for (const line of describe(check)) print(line);
  if (checks.some(check => check.status === 'FAIL')) process.exitCode = 1;
}

function fixer({ fix, yes }: DoctorOptions): boolean | ((check: Check) => Promise<boolean>) {
  if (!fix || yes) return fix ?? false;
  if (process.stdin.isTTY) return ask;
  process.stderr.write('Nothing is changed: nobody can be asked here. `--fix --yes` does it without asking.\n');
  return false;
}

/** On standard error, so that what goes to standard output is the result alone. */
async function ask(check: Check): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${check.name}: ${check.detail}\n  ${check.does ?? check.remedy}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function describe({ name, status, detail, remedy }: Check): string[] {
  const first = `${status.padEnd(4)}  ${name}: ${detail}`;
  return remedy === '' ? [first] : [first, `      ${remedy}`];
}
