import { SignalboxError } from '../../../errors.ts';
import { GivenFields } from './given-fields.ts';
import { readJsonFields } from './read-json.ts';

const PREFIX = 'x-release-';
/** Headers of the same beginning that are no metadata. */
const OTHERS = new Set(['x-release-secret']);

/**
 * Reads metadata from headers: `X-Release-Commit: …` for one field, or all in `X-Release-Metadata: {"commit": "…"}`.
 * `-` in a header stands for `_` in a field.
 *
 * @param rawHeaders names and values in turn, as Node gives them: only there a repeated header shows
 */
export function readHeaderFields(rawHeaders: readonly string[]): GivenFields {
  const given = new GivenFields();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (!name.startsWith(PREFIX) || OTHERS.has(name)) continue;
    const value = asUtf8(rawHeaders[at + 1]!);
    const field = name.slice(PREFIX.length).replaceAll('-', '_');
    if (field === 'metadata') {
      if (value === undefined) throw new SignalboxError('SBX_REQUEST_INVALID', 'X-Release-Metadata is not UTF-8');
      readJsonFields(value, given, 'X-Release-Metadata');
    } else if (value === undefined) given.fault(field, 'is not UTF-8');
    else given.add(field, value);
  }
  return given;
}

/** Node reads headers as Latin-1; senders write UTF-8. */
function asUtf8(value: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return undefined;
  }
}
