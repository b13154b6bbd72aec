import { type Command, InvalidArgumentError } from 'commander';

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

/** Reads a number that is given to an option. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const limits = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${limits}.`);
  };
}

/** Reads a text that must say something. */
export function someText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty.');
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
