import { readTrailers } from './trailers.ts';

const MARKER = /\[(?:(?:skip|no)[ -](?:release|tag)|(?:release|tag)[ -]skip)\]/i;

/**
 * What in the commit's own message or its merge request's labels says that this update is not to have a version;
 * null when nothing does. The next commit without a marker has one, and contains this change.
 */
export function findSkipMarker(
  message: string,
  labels: readonly string[],
  skipLabels: readonly string[],
): string | null {
  const marker = MARKER.exec(message);
  if (marker) return `the commit message says ${marker[0]}`;
  const trailer = readTrailers(message).find(
    ({ key, value }) => key.toLowerCase() === 'release' && /^(?:none|skip|no)$/i.test(value),
  );
  if (trailer) return `the commit message says "${trailer.key}: ${trailer.value}"`;
  const wanted = skipLabels.map(label => label.toLowerCase());
  const label = labels.find(name => wanted.includes(name.toLowerCase()));
  return label === undefined ? null : `the merge request has the label "${label}"`;
}
