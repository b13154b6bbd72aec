import { SignalboxError } from '../../../../errors.ts';

/** What clients tell about the file for their own use. */
const IGNORED = new Set(['filename', 'filetype', 'name', 'type']);

/**
 * Reads `Upload-Metadata`: names and base64 values, `product YXBwbGlhbmNl,version NS40LjE=`.
 *
 * @throws SignalboxError SBX_REQUEST_INVALID
 */
export function readUploadMetadata(header: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const pair of header.split(',').map(each => each.trim())) {
    if (pair === '') continue;
    const match = /^([\x21-\x2b\x2d-\x7e]{1,200})(?: ([A-Za-z0-9+/]*={0,2}))?$/.exec(pair);
    if (!match) throw new SignalboxError('SBX_REQUEST_INVALID', 'Upload-Metadata is not a list of names and base64');
    const [, name, value = ''] = match;
    if (IGNORED.has(name!)) continue;
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
      pairs.push([name!, text]);
    } catch {
      throw new SignalboxError('SBX_REQUEST_INVALID', `Upload-Metadata: ${name} is not UTF-8`);
    }
  }
  return pairs;
}
