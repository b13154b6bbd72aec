/** Who owns a path, and the line that says so. */
export interface CodeOwner {
  owner: string;
  pattern: string;
}

/**
 * The owners of a path by GitLab's CODEOWNERS (docs: "Code Owners syntax"): in each section the last pattern that
 * matches counts; a line without owners has its section's; `!pattern` takes a path out of its section.
 */
export function findOwners(file: string, path: string): CodeOwner[] {
  let section = { name: '', owners: [] as string[] };
  const found = new Map<string, CodeOwner[]>();
  const excluded = new Set<string>();
  for (const raw of file.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const heading = /^\^?\[([^\]]+)\](?:\[\d+\])?\s*(.*)$/.exec(line);
    if (heading) {
      section = { name: (heading[1] ?? '').toLowerCase(), owners: ownersIn(heading[2] ?? '') };
      continue;
    }
    const [pattern = '', ...rest] = line.split(/(?<!\\)\s+/);
    const plain = pattern.replace(/^!/, '').replaceAll('\\ ', ' ').replace(/^\\#/, '#');
    if (!matcher(plain).test(path)) continue;
    if (pattern.startsWith('!')) excluded.add(section.name);
    const owners = ownersIn(rest.join(' '));
    found.set(
      section.name,
      (owners.length > 0 ? owners : section.owners).map(owner => ({ owner, pattern: plain })),
    );
  }
  return [...found].filter(([name]) => !excluded.has(name)).flatMap(([, owners]) => owners);
}

function ownersIn(text: string): string[] {
  return text
    .replace(/\s#.*$/, '')
    .split(/\s+/)
    .filter(word => /^@[\w./@-]+$|^[^\s@]+@[^\s@]+$/.test(word));
}

/** `/docs/` is anchored, `docs/` is anywhere, `*.go` any file of that name, `**` any folders. */
function matcher(pattern: string): RegExp {
  const anchored = pattern.startsWith('/');
  const body = pattern.replace(/^\//, '').replace(/\/$/, '/**');
  const source = body
    .split(/(\*\*\/|\/\*\*$|\*\*|\*|\?)/)
    .map(piece => {
      if (piece === '**/') return '(?:[^/]+/)*';
      if (piece === '/**') return '/.*';
      if (piece === '**') return '.*';
      if (piece === '*') return '[^/]*';
      return piece === '?' ? '[^/]' : piece.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}$`);
}
