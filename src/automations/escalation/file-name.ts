const MOST_BYTES = 200;
const EXTENSION = /\.[A-Za-z0-9]{1,10}$/;
const BY_TYPE: Readonly<Record<string, string>> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'image/svg+xml': '.svg',
};

/** A customer's file name as one that does no harm: no path, no control or invisible characters, no quotes, at most 200 bytes. */
export function safeFileName(name: string, type: string | null): string {
  const base = name.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const clean = base
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"'`<>|?*:]/gu, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .trim();
  const extension = EXTENSION.exec(clean)?.[0] ?? BY_TYPE[(type ?? '').split(';')[0]?.trim() ?? ''] ?? '';
  const stem = EXTENSION.test(clean) ? clean.slice(0, -extension.length) : clean;
  return cut(stem === '' ? 'file' : stem, MOST_BYTES - Buffer.byteLength(extension)) + extension;
}

function cut(text: string, bytes: number): string {
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}
