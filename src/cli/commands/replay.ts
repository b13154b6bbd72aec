import type { Command } from 'commander';
import { type CommonOptions, print, printJson, someText, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const replay = program
    .command('replay')
    .description('look again at a key, or at the keys of a delivery; safe at any time')
    .argument('<delivery-or-key>', 'delivery:17, or a key as `explain` takes it', someText);
  withCommonOptions(replay, 'signalbox replay delivery:17').action(run);
}

async function run(what: string, options: CommonOptions): Promise<void> {
  const { connect } = await import('../connect.ts');
  const { keyOf } = await import('../key-of.ts');
  const installation = await connect(options.config);
  try {
    const keys = await installation.replay(keyOf(what, installation.settings));
    if (options.json) printJson({ keys });
    else for (const key of keys) print(`due now: ${key}`);
  } finally {
    await installation.close();
  }
}
