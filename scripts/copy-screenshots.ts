/** Copies those screenshots of the tests that the documentation shows: run it after `npx vitest run test/browser`. */
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SHOWN = ['button-ask', 'button-running', 'button-done', 'list-badges'];

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
await mkdir(at('docs/images'), { recursive: true });
for (const name of SHOWN) await copyFile(at(`artifacts/screenshots/${name}.png`), at(`docs/images/${name}.png`));
