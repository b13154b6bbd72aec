import { z } from 'zod';

const piece = z.object({ length: z.number(), sha256: z.string() });

const log = z.object({
  /** The path under which it was read last. */
  path: z.string(),
  /** Its name without the rotation's suffix; kept when it is renamed. */
  family: z.string(),
  /** How many logs of this name there were before it. */
  generation: z.number(),
  dev: z.number(),
  ino: z.number(),
  /** Up to where its text has been read. */
  offset: z.number(),
  head: piece,
  tail: piece,
  writtenAt: z.number(),
  /** When it was last found on disk. */
  foundAt: z.number(),
});

const carry = z.object({
  family: z.string(),
  /** The generation at whose end it was cut. */
  generation: z.number(),
  /** The bytes from the beginning of the unfinished report on, and where in which file they stood. */
  parts: z.array(
    z.object({
      file: z.string(),
      generation: z.number(),
      writtenAt: z.number(),
      offset: z.number(),
      bytes: z.base64(),
    }),
  ),
  /** Reports among those bytes that are finished and have been given out. */
  given: z.array(z.string()),
});

/** The file in which a scanner remembers what it read. */
export const scanState = z.object({ version: z.literal(1), logs: z.array(log), carries: z.array(carry) });

export type LogState = z.infer<typeof log>;
export type Carry = z.infer<typeof carry>;
/** What a scanner remembers from run to run. */
export type ScanState = z.infer<typeof scanState>;
