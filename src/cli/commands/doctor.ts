import type { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('check everything the service needs, and say what to do')
    .option('--fix', 'do what can be done from here: create labels of the board that are missing');
  withCommonOptions(doctor, 'signalbox doctor --config /etc/signalbox/signalbox.yaml').action(run);
}

async function run(options: CommonOptions & { fix?: boolean }): Promise<void> {
  const { examine } = await import('../doctor/examine.ts');
  const checks = await examine(options.config, { fix: options.fix ?? false });
  if (options.json) printJson({ checks });
  else for (const check of checks) for (const line of describe(check)) print(line);
  if (checks.some(check => check.status === 'FAIL')) process.exitCode = 1;
}

function describe({ name, status, detail, remedy }: Check): string[] {
  const first = `${status.padEnd(4)}  ${name}: ${detail}`;
  return remedy === '' ? [first] : [first, `      ${remedy}`];
}
