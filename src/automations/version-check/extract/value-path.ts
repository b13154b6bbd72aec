/**
 * A path into JSON, TOML or YAML: `package.version`, `targets[0].version`, `"a.b".version`, or a JSON pointer such as
 * `/packages/a.b/version` (the one way to name the key `.`).
 */
export type ValuePath = readonly string[];

const SEGMENT = /(?:^|\.)([^.[\]"\s/]+)|(?:^|\.)"([^"]+)"|\[(\d{1,6})\]|\["([^"]+)"\]/y;

/** Reads a path; undefined if it is not one. A leading `$` is dropped. */
export function parseValuePath(text: string): ValuePath | undefined {
  if (text.startsWith('/'))
    return text
      .slice(1)
      .split('/')
      .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  const rest = text.replace(/^\$\.?/, '');
  const path: string[] = [];
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < rest.length) {
    const match = SEGMENT.exec(rest);
    if (match === null) return undefined;
    path.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return path.length === 0 ? undefined : path;
}

/** The value at a path, own properties only; undefined if there is none. */
export function valueAt(root: unknown, path: ValuePath): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
}
