import { Readable } from 'node:stream';
import type { FileRefusal, OpenFile } from './open-file.ts';

const DATA_URL = /^data:(image\/[a-z0-9.+-]{1,40})(?:;[a-z0-9=._-]{1,60}){0,4};base64,/i;

/** An image that a mail carries in the address itself: nothing is fetched. */
export function openDataUrl(url: string): OpenFile | FileRefusal {
  const head = DATA_URL.exec(url.slice(0, 400));
  if (head === null) return { refused: 'gone', reason: 'it is no image' };
  const content = Buffer.from(asBase64(url.slice(head[0].length)), 'base64');
  return { size: content.length, type: head[1] ?? null, stream: Readable.from([content]) };
}

/** Some programs write `+` and `/` of base64 as they are written in addresses. */
function asBase64(text: string): string {
  return text.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=');
}
