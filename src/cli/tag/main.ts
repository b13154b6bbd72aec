import { reportError } from '../report-error.ts';
import { writeOut } from '../write-out.ts';
import { parseTagOptions, tagHelp } from './parse-tag-options.ts';

/** `signalbox tag`: a program of its own when built, because a pipeline waits for it. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseTagOptions(args);
    if (options) return await (await import('./tag-command.ts')).tagCommand(options, process.env);
    writeOut(1, tagHelp());
    return 0;
  } catch (error) {
    return reportError(error);
  }
}
