import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The command line of a script that people start. `--help` prints how it is called; what is not understood ends it with one line and exit
 * code 2, before anything has begun.
 *
 * @param usage how it is called, in a line, and what it does in the lines below
 * @param most how many words it takes besides its options
 */
export function readCommandLine<const O extends Options>(usage: string, options: O, most = 0) {
  const refuse = (what: string): never => {
    console.error(`${what}; usage: ${usage.split('\n')[0]}`);
    process.exit(2);
  };
  const { values, positionals } = parse({ ...options, help: { type: 'boolean', short: 'h' } }, refuse);
  if (values.help) {
    console.log(`Usage: ${usage}`);
    process.exit(0);
  }
  if (positionals.length > most) refuse(`there is no use for ${positionals[most]}`);
  return {
    values: values as ReturnType<typeof parseArgs<{ options: O }>>['values'],
    positionals,
    refuse,
    /** A whole number that was given as text, or what it is unless told. */
    whole: (name: string, given: string | undefined, otherwise: number, least = 1): number => {
      const number = given === undefined ? otherwise : Number(given || Number.NaN);
      return Number.isSafeInteger(number) && number >= least
        ? number
        : refuse(`${name} must be a whole number from ${least} on, not ${given}`);
    },
  };
}

function parse(options: Options, refuse: (what: string) => never) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    // Its second sentence is about words that begin with a dash, which no script takes.
    return refuse((error as Error).message.split('. ')[0] ?? '');
  }
}
