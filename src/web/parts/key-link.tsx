import { keyPath } from '../navigation.ts';

const LONGEST = 90;

/** A key, leading to the page that says why it is as it is. */
export function KeyLink({ name, short }: { name: string; short?: boolean }) {
  const shown = short ? name.slice(name.indexOf(':') + 1) : name;
  return (
    <a href={keyPath(name)} class="mono foreign" title={name.slice(0, 500)}>
      <bdi>{shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown}</bdi>
    </a>
  );
}
