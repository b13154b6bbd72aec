/** Licences that let us give the code on in a program of ours, with their notice. */
const SHIPPED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
]);
/** Besides these, for what runs here and is not given on. */
const USED = new Set([...SHIPPED, 'MPL-2.0']);

/** Packages that say it in their files, and not where programs look. */
const SAID_ELSEWHERE: Readonly<Record<string, string>> = {
  // The text of MIT, in a file or in the readme.
  'busboy@1.6.0': 'MIT',
  'combine-errors@3.0.3': 'MIT',
  'humanize-number@0.0.2': 'MIT',
  'streamsearch@1.1.0': 'MIT',
};

export function licenceOf(name: string, version: string, said: string | undefined): string | undefined {
  return said ?? SAID_ELSEWHERE[`${name}@${version}`];
}

/** @param expression as SPDX has it: `MIT`, `(MIT OR Apache-2.0)`; of several one has to do */
export function isAllowed(expression: string, purpose: 'shipped' | 'used'): boolean {
  const allowed = purpose === 'shipped' ? SHIPPED : USED;
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some(choice => allowed.has(choice));
}
