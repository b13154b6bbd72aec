import type { Command } from 'commander';
import { SignalboxError } from '../../errors.ts';
import type { CaseResult } from '../cases/case.ts';

interface CheckOptions {
  config: string;
  cases?: string;
  json?: boolean;
}

/** `signalbox config schema` and `signalbox config check`. */
export function register(program: Command): void {
  const config = program
    .command('config')
    .description('check the configuration, or print its schema')
    .addHelpText('after', '\nExample:\n  signalbox config check');
  config
    .command('schema')
    .description('print the JSON Schema of signalbox.yaml, for editors')
    .addHelpText('after', '\nExample:\n  signalbox config schema > signalbox.schema.json')
    .action(printSchema);
  config
    .command('check')
    .description('check a configuration file and name every fault as file:line:column')
    .option('-c, --config <file>', 'the file to check', './signalbox.yaml')
    .option('--cases <file>', 'also try these cases of your rules; exit code 1 if one does not come out as expected')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  signalbox config check --config /etc/signalbox/signalbox.yaml\n  signalbox config check --cases board-cases.yaml',
    )
    .action(check);
}

async function printSchema(): Promise<void> {
  const { configJsonSchema } = await import('../../config/json-schema.ts');
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}

/** Exit code 0 if the file is valid, 2 if not, 1 if a case fails. With `--json` the faults are the result, and go to stdout. */
async function check(options: CheckOptions): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { AUTOMATIONS, requireWebhookSecret } = await import('../../config/schema.ts');
  try {
    const { settings, file } = await loadConfig(options.config, { environment: process.env });
    const on = AUTOMATIONS.filter(name => settings[name] !== undefined);
    const off = AUTOMATIONS.filter(name => settings[name] === undefined);
    const warnings = warningOf(() => requireWebhookSecret(settings));
    const { runCases } = await import('../cases/run-cases.ts');
    const cases = options.cases === undefined ? undefined : await runCases(options.cases, settings);
    const ok = cases?.every(each => each.ok) ?? true;
    if (!ok) process.exitCode = 1;
    if (options.json === true) return print(JSON.stringify({ ok, file, on, off, warnings, faults: [], cases }));
    print(`${file} is valid.`);
    print(`on: ${on.join(', ') || 'nothing'}${off.length === 0 ? '' : `; off: ${off.join(', ')}`}`);
    for (const warning of warnings) print(`warning: serve will refuse to start: ${warning}`);
    if (cases) printCases(cases);
  } catch (error) {
    if (options.json !== true || !(error instanceof SignalboxError)) throw error;
    const { code, detail, faults } = error;
    print(JSON.stringify({ ok: false, file: options.config, code, detail, faults }));
    process.exitCode = 2;
  }
}

function printCases(cases: readonly CaseResult[]): void {
  for (const { at, name, ok, expected, got, because } of cases) {
    print(`${ok ? 'ok    ' : 'FAILED'}  ${at}  ${name}`);
    if (ok) continue;
    print(`        expected: ${expected}`);
    print(`        got: ${got}`);
    for (const sentence of because) print(`        ${sentence}`);
  }
  const failed = cases.filter(each => !each.ok).length;
  print(failed === 0 ? `${cases.length} cases, all as expected.` : `${cases.length} cases, ${failed} not as expected.`);
}

function warningOf(demand: () => void): string[] {
  try {
    demand();
    return [];
  } catch (error) {
    if (error instanceof SignalboxError) return [error.detail];
    throw error;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
