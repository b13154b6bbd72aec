import { SignalboxError } from '../../errors.ts';
import { flagsOf, TAG_DESCRIPTION, TAG_EXAMPLE, TAG_OPTIONS, type TagOptions } from './tag-options.ts';

/**
 * Reads the command line of `signalbox tag` without commander, which takes longer to load than the whole tag to make.
 *
 * @returns null when help is asked for
 * @throws SignalboxError SBX_USAGE
 */
export function parseTagOptions(args: readonly string[]): TagOptions | null {
  const { parseArgs } = process.getBuiltinModule('node:util');
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, value] of TAG_OPTIONS) options[name] = { type: value === '' ? 'boolean' : 'string' };
  try {
    const { help, ...values } = parseArgs({ args: [...args], options, allowPositionals: false }).values;
    if (help) return null;
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value]));
  } catch (error) {
    throw new SignalboxError('SBX_USAGE', `signalbox tag: ${(error as Error).message.split('. ')[0]}`);
  }
}

/** What `signalbox tag --help` prints. */
export function tagHelp(): string {
  const rows = [...TAG_OPTIONS.map(option => [flagsOf(option), option[2]]), ['-h, --help', 'display help for command']];
  const width = Math.max(...rows.map(([flags = '']) => flags.length));
  const lines = rows.map(([flags = '', description = '']) => `  ${flags.padEnd(width)}  ${description}`);
  return `Usage: signalbox tag [options]\n\n${TAG_DESCRIPTION}\n\nOptions:\n${lines.join('\n')}\n\n${TAG_EXAMPLE}\n`;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
