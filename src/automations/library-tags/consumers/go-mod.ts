/** One module that a go.mod requires. */
export interface Requirement {
  path: string;
  version: string;
  /** A comment on its line says `pin`: people keep this version on purpose. */
  pinned: boolean;
}

interface Place extends Requirement {
  line: number;
  /** Where the version stands in the line. */
  start: number;
}

const ENTRY = /^(\s*(?:require\s+)?)("?)([^\s"`()]+)\2(\s+)("?)(v[^\s"`]+)\5\s*(\/\/.*)?$/;

/**
 * What a go.mod requires, direct and indirect, without what it replaces: a replaced module's version means nothing.
 * Syntax: go.dev/ref/mod#go-mod-file-grammar.
 */
export function readRequirements(goMod: string): Requirement[] {
  const replaced = new Set(
    [...goMod.matchAll(/^\s*(?:replace\s+)?"?([^\s"()]+)"?(?:\s+v\S+)?\s+=>/gm)].map(([, path]) => path),
  );
  return places(goMod)
    .filter(({ path }) => !replaced.has(path))
    .map(({ path, version, pinned }) => ({ path, version, pinned }));
}

/** The same text with another version of one module, and nothing else changed. */
export function setRequirement(goMod: string, path: string, version: string): string {
  const lines = goMod.split('\n');
  for (const place of places(goMod)) {
    if (place.path !== path) continue;
    const line = lines[place.line]!;
    lines[place.line] = line.slice(0, place.start) + version + line.slice(place.start + place.version.length);
  }
  return lines.join('\n');
}

function places(goMod: string): Place[] {
  const found: Place[] = [];
  let block = '';
  for (const [line, raw] of goMod.split('\n').entries()) {
    const text = raw.replace(/\r$/, '');
    const opening = /^\s*([a-z]+)\s*\(\s*(?:\/\/.*)?$/.exec(text);
    if (opening) block = opening[1]!;
    else if (/^\s*\)/.test(text)) block = '';
    else if (block === 'require' || (block === '' && /^\s*require\s/.test(text))) {
      const match = ENTRY.exec(text);
      if (!match) continue;
      const [, head = '', quote = '', path = '', space = '', versionQuote = '', version = '', comment = ''] = match;
      const start = head.length + 2 * quote.length + path.length + space.length + versionQuote.length;
      found.push({ line, start, path, version, pinned: /\bpin(?:ned)?\b/.test(comment) });
    }
  }
  return found;
}
