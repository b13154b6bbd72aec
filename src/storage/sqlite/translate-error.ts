import { type ErrorCode, SignalboxError } from '../../errors.ts';

/** SQLite's primary result codes that are no mistake of ours. */
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [8, 'SBX_DATABASE_UNWRITABLE'],
  [10, 'SBX_DATABASE_UNWRITABLE'],
  [11, 'SBX_DATABASE_DAMAGED'],
  [13, 'SBX_DATABASE_FULL'],
  [14, 'SBX_DATABASE_UNWRITABLE'],
  [26, 'SBX_DATABASE_DAMAGED'],
] as const);

/** What a thread that could not even begin says; the codes do not come along. */
const MESSAGES: readonly [RegExp, ErrorCode][] = [
  [/not a database|malformed/, 'SBX_DATABASE_DAMAGED'],
  [/database or disk is full/, 'SBX_DATABASE_FULL'],
  [/readonly database|disk I\/O error|unable to open database/, 'SBX_DATABASE_UNWRITABLE'],
];

/** What the disk does to us gets a code that people can look up. */
export function translateError(error: Error & { errcode?: number | undefined }): Error {
  const code = CODES.get((error.errcode ?? 0) & 0xff) ?? MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1];
  return code === undefined ? error : new SignalboxError(code, error.message, { cause: error });
}
