import { keyPath } from '../navigation.ts';

const LONGEST = 90;

/** A key, leading to the page that says why it is as it is. */
export function KeyLink({ name, short }: { name: string; short?: boolean }) {
  // A fingerprint is told by its first digits.
  const shown = (short ? name.slice(name.indexOf(':') + 1) : name).replace(/([0-9a-f]{8})[0-9a-f]{24,}/, '$1…');
  return (
    <a href={keyPath(name)} class="mono foreign" title={name.slice(0, 500)}>
      <bdi>{shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown}</bdi>
    </a>
  );
}
