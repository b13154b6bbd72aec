import { escapeHtml, type Html } from '../../http/html.ts';

/**
 * Enough Markdown to read a comment: paragraphs, code, lists, tables, headings, bold, links. Everything is escaped first;
 * comments (Signalbox's markers) are left out as GitLab does, other HTML is shown as text.
 */
export function markdown(source: string | null): Html {
  const lines = (source ?? '').replaceAll(/<!--[\s\S]*?-->/g, '').split('\n');
  const out: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence));
      const stop = end < 0 ? lines.length : end;
      out.push(`<pre>${escapeHtml(lines.slice(at + 1, stop).join('\n'))}</pre>`);
      at = stop + 1;
    } else if (isTable(lines, at)) {
      const rows = takeWhile(lines, at, other => other.trim().startsWith('|'));
      out.push(table(rows));
      at += rows.length;
    } else if (/^\s*(?:[-*+]|\d+[.)])\s/.test(line)) {
      const items = takeWhile(lines, at, other => /^\s*(?:[-*+]|\d+[.)])\s/.test(other));
      out.push(
        `<ul>${items.map(item => `<li>${inline(item.replace(/^\s*(?:[-*+]|\d+[.)])\s/, ''))}</li>`).join('')}</ul>`,
      );
      at += items.length;
    } else if (line.trim() === '') {
      at += 1;
    } else {
      const text = takeWhile(
        lines,
        at,
        (other, index) => other.trim() !== '' && (index === at || !starts(lines, index)),
      );
      out.push(`<p>${text.map(part => inline(part.replace(/^#{1,6}\s/, ''))).join('<br>')}</p>`);
      at += text.length;
    }
  }
  return { markup: out.join('\n') };
}

function starts(lines: string[], at: number): boolean {
  return /^\s*(?:[-*+]|\d+[.)])\s|^ {0,3}(`{3,}|~{3,})/.test(lines[at] ?? '') || isTable(lines, at);
}

function isTable(lines: string[], at: number): boolean {
  return (lines[at] ?? '').trim().startsWith('|') && /^\s*\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? '');
}

function takeWhile(lines: string[], at: number, test: (line: string, index: number) => boolean): string[] {
  let end = at;
  while (end < lines.length && test(lines[end] ?? '', end)) end += 1;
  return lines.slice(at, Math.max(end, at + 1));
}

function table(rows: string[]): string {
  const cells = (row: string) =>
    row
      .trim()
      .replace(/^\||\|$/g, '')
      .split(/(?<!\\)\|/)
      .map(cell => inline(cell.trim().replaceAll('\\|', '|')));
  const [head = '', , ...body] = rows;
  const line = (row: string, tag: string) =>
    `<tr>${cells(row)
      .map(cell => `<${tag}>${cell}</${tag}>`)
      .join('')}</tr>`;
  return `<table>${line(head, 'th')}${body.map(row => line(row, 'td')).join('')}</table>`;
}

/** Code spans are cut out first, so that nothing in them is read. */
function inline(text: string): string {
  return text
    .split(/((`+)(?!`)[\s\S]*?(?<!`)\2(?!`))/)
    .filter((_part, index) => index % 3 !== 2)
    .map((part, index) =>
      index % 2 === 1 ? `<code>${escapeHtml(part.replace(/^`+ ?| ?`+$/g, ''))}</code>` : marks(part),
    )
    .join('');
}

function marks(text: string): string {
  return escapeHtml(text)
    .replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>')
    .replaceAll(
      /(?<!\\)\[([^\]]+)\]\((https?:\/\/[^\s)]+|\/[^\s)]*)\)/g,
      '<a href="$2" rel="nofollow noreferrer">$1</a>',
    )
    .replaceAll(/\\([\\`*_{}[\]()#+.!|@~&$^/-])/g, '$1');
}
