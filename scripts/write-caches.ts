/** Keeps beside each built file what V8 makes of it: `node --random-seed=1 scripts/write-caches.ts DIRECTORY`, by scripts/build.ts. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { writeCache } from '../bin/load-built.js';

const [directory = '.'] = process.argv.slice(2);
for (const file of globSync('*.cjs', { cwd: directory })) writeCache(join(directory, file));
