import { SignalboxError } from '../../../errors.ts';

/** The head of one part of a form. */
export interface PartHead {
  name: string;
}

const PLAIN_ENCODINGS = /^(?:7bit|8bit|binary)$/i;
const LONGEST_NAME = 200;

/** The boundary of `multipart/form-data; boundary=…`; undefined for any other type. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i.exec(
    contentType ?? '',
  );
  return match?.[1] ?? match?.[2];
}

/**
 * Reads the head of a part, without the empty line that ends it. File names are not looked at: ours are derived.
 *
 * @param text the head as Latin-1
 * @throws SignalboxError SBX_RELEASE_FORM_INVALID
 */
export function readPartHead(text: string): PartHead {
  let disposition: string | undefined;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const field = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (field === 'content-disposition') disposition = value;
    if (field === 'content-transfer-encoding' && !PLAIN_ENCODINGS.test(value)) {
      throw new SignalboxError('SBX_RELEASE_FORM_INVALID', 'a part is encoded; parts are taken as they are');
    }
  }
  const name = /^form-data\s*;(?:.*;)?\s*name="((?:[^"\\]|\\.)*)"/i.exec(disposition ?? '')?.[1];
  if (name === undefined || name.length > LONGEST_NAME) {
    throw new SignalboxError('SBX_RELEASE_FORM_INVALID', 'a part has no name, or one that is too long');
  }
  return { name: Buffer.from(name.replace(/\\(.)/g, '$1'), 'latin1').toString() };
}
