import { writeSync } from 'node:fs';

const STREAMS = { 1: () => process.stdout, 2: () => process.stderr } as const;

/**
 * Writes a short text to standard output (1) or error (2) by the file itself: a stream of Node takes longer to set up than a
 * version takes to print. What the reader does not take at once, or at all, is left to the stream.
 */
export function writeOut(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    // Who has seen enough (`| head`) ends the printing, and not the work.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') STREAMS[descriptor]().write(rest);
  }
}
