import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSteps, type Step } from './read-steps.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What these show is not meant to be typed from top to bottom. */
const WRITTEN_FROM_CODE = ['docs/cli.md', 'docs/config.md', 'docs/errors.md', 'docs/metrics.md', 'docs/journal.md'];
/** What was kept is put back, and moved. */
const LAST = ['docs/operations.md', 'docs/upgrade.md', 'docs/postgresql.md'];

export const TUTORIAL = 'docs/tutorial.md';

export interface Page {
  name: string;
  steps: Step[];
}

export function readPage(name: string): Page {
  return { name, steps: readSteps(name, readFileSync(join(ROOT, name), 'utf8')) };
}

/** Every page with commands, in the order in which they are followed. */
export function readPages(): Page[] {
  const names = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name))
    .toSorted();
  return ['README.md', 'CONTRIBUTING.md', ...names.filter(name => !LAST.includes(name)), ...LAST]
    .filter(name => !WRITTEN_FROM_CODE.includes(name))
    .map(readPage)
    .filter(({ steps }) => steps.some(step => step.kind === 'command'));
}
