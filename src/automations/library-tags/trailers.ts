/** One `Key: value` line of a commit message's last paragraph. */
export interface Trailer {
  key: string;
  value: string;
}

const TRAILER = /^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)$/;

/**
 * The trailers of a message: the last paragraph, if it is not also the first, and only lines of it that have the form
 * (git interpret-trailers is as lenient, GitLab appends "See merge request" lines to the same paragraph).
 */
export function readTrailers(message: string): Trailer[] {
  const paragraphs = message
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .split(/\n[ \t]*\n/);
  if (paragraphs.length < 2) return [];
  const trailers: Trailer[] = [];
  // GitLab's merge template ends with a paragraph of its own, below the trailers that came with the MR's text.
  const last = paragraphs.at(-1)!.startsWith('See merge request ') ? paragraphs.at(-2)! : paragraphs.at(-1)!;
  for (const line of last.split('\n')) {
    const match = TRAILER.exec(line);
    if (match) trailers.push({ key: match[1]!, value: match[2]!.trim() });
  }
  return trailers;
}
