import { isAttribution, isHeaderBlock, isOriginalMessage } from './quote-phrases.ts';

/** A plain-text message parted into the new text and what it quotes at its end. Answers between quoted lines stay. */
export function splitPlainText(text: string): { own: string; quoted: string | null } {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const start = seam(lines) ?? trailingQuote(lines);
  if (start === null || lines.slice(0, start).join('').trim() === '') return { own: text, quoted: null };
  return { own: lines.slice(0, start).join('\n'), quoted: lines.slice(start).join('\n') };
}

/** "-----Original Message-----", or "From: … Sent: … To: …" over a few lines. */
function seam(lines: readonly string[]): number | null {
  const index = lines.findIndex((line, at) => {
    if (isOriginalMessage(line.trim())) return true;
    return (
      /^\s*\p{L}{1,12}\s?[:：]/u.test(line) &&
      isHeaderBlock(
        lines
          .slice(at, at + 6)
          .join('\n')
          .slice(0, 1200)
          .trim(),
        'strict',
      )
    );
  });
  return index < 0 ? null : index;
}

function trailingQuote(lines: readonly string[]): number | null {
  let start = lines.length;
  let quotes = 0;
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at]!;
    if (line.trim() === '') continue;
    if (!/^\s{0,3}>/.test(line)) break;
    quotes++;
    start = at;
  }
  if (quotes === 0) return null;
  // The line "On … wrote:" before it, which mail programs break in two.
  let before = start - 1;
  while (before >= 0 && lines[before]!.trim() === '') before--;
  for (const count of [1, 2, 3]) {
    const from = before - count + 1;
    if (from >= 0 && isAttribution(lines.slice(from, before + 1).join(' '))) return from;
  }
  return start;
}
