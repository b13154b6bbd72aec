/** Writes the pages of the documentation that come from the code. */
import { writeFile } from 'node:fs/promises';
import { configReference } from '../src/config/config-reference.ts';

await writeFile(new URL('../docs/config.md', import.meta.url), configReference());
