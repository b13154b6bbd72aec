import type { Command } from 'commander';
import { flagsOf, TAG_DESCRIPTION, TAG_EXAMPLE, TAG_OPTIONS, type TagOptions } from '../tag/tag-options.ts';

/** Registers `signalbox tag`; the program itself takes a shorter way to it, see main.ts. */
export function register(program: Command): void {
  const command = program.command('tag').description(TAG_DESCRIPTION);
  for (const option of TAG_OPTIONS) command.option(flagsOf(option), option[2]);
  command.addHelpText('after', `\n${TAG_EXAMPLE}`).action(async (options: TagOptions) => {
    const { tagCommand } = await import('../tag/tag-command.ts');
    process.exitCode = await tagCommand(options, process.env);
  });
}
