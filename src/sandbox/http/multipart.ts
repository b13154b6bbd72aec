import { addNested } from './nested.ts';

/** One file of a form. */
export interface UploadedFile {
  field: string;
  filename: string;
  contentType: string;
  content: Buffer;
}

/** Splits a multipart/form-data body into fields and files, on the bytes. */
export function parseMultipart(
  raw: Buffer,
  boundary: string,
): { input: Record<string, unknown>; files: UploadedFile[] } {
  const input: Record<string, unknown> = {};
  const files: UploadedFile[] = [];
  const delimiter = Buffer.from(`--${boundary}`);
  let position = raw.indexOf(delimiter);
  while (position >= 0) {
    const start = position + delimiter.length + 2;
    const next = raw.indexOf(delimiter, start);
    if (next < 0) break;
    const part = raw.subarray(start, next - 2);
    position = next;
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0) continue;
    const head = part.subarray(0, headEnd).toString('utf8');
    const content = part.subarray(headEnd + 4);
    const field = attribute(head, 'name');
    if (field === null) continue;
    const filename = attribute(head, 'filename');
    if (filename === null) {
      addNested(input, field, content.toString('utf8'));
    } else {
      const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'application/octet-stream';
      files.push({ field, filename, contentType, content: Buffer.from(content) });
    }
  }
  return { input, files };
}

function attribute(head: string, name: string): string | null {
  const extended = new RegExp(`[;\\s]${name}\\*=(?:utf-8)''([^;\\r\\n]+)`, 'i').exec(head)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended.trim());
  const match = new RegExp(`[;\\s]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\r\\n]+))`, 'i').exec(head);
  if (match === null) return null;
  // Browsers and undici percent-encode quotes and line ends in a file name; curl escapes with a backslash.
  return (match[1]?.replaceAll(/\\(["\\])/g, '$1') ?? match[2] ?? '').replaceAll('%22', '"');
}
