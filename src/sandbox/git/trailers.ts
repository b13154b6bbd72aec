const TRAILER = /^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)$/;

export interface Trailers {
  trailers: Record<string, string>;
  extendedTrailers: Record<string, string[]>;
}

/**
 * The trailers of a commit message (`Changelog: added`), read as git-interpret-trailers(1) does: the last paragraph,
 * if it is not the title's and all its lines are trailers, or a quarter are and one is git's own.
 */
export function parseTrailers(message: string): Trailers {
  const extendedTrailers: Record<string, string[]> = {};
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/);
  const last = paragraphs.length > 1 ? paragraphs[paragraphs.length - 1]! : '';
  const lines: string[] = [];
  for (const line of last.split('\n')) {
    if (/^[ \t]/.test(line) && lines.length > 0) lines[lines.length - 1] += ` ${line.trim()}`;
    else if (line !== '') lines.push(line);
  }
  const isOwn = (line: string) => /^(?:Signed-off-by: |\(cherry picked from commit )/.test(line);
  const matching = lines.filter(line => TRAILER.test(line) || isOwn(line));
  const isBlock = matching.length === lines.length || (matching.some(isOwn) && matching.length * 4 >= lines.length);
  if (!isBlock) return { trailers: {}, extendedTrailers };
  for (const line of lines) {
    const match = TRAILER.exec(line);
    if (match === null) continue;
    const key = match[1]!;
    if (Object.hasOwn(extendedTrailers, key)) extendedTrailers[key]!.push(match[2]!.trim());
    else extendedTrailers[key] = [match[2]!.trim()];
  }
  const trailers = Object.fromEntries(Object.entries(extendedTrailers).map(([key, values]) => [key, values.at(-1)!]));
  return { trailers, extendedTrailers };
}
