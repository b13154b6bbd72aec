import type { Command } from 'commander';

export interface CommonOptions {
  config: string;
  json?: boolean;
}

/** The options that every command with a configuration and a result has. */
export function withCommonOptions(command: Command, example: string): Command {
  return command
    .option('-c, --config <file>', 'the configuration file', './signalbox.yaml')
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
