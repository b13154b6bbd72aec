import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { haveSchemas, SCHEMA_DIRECTORY } from './schemas.ts';

/*
 * A setup file of vitest: every answer that any sandbox gives while a test file runs, in this process or in one it starts,
 * is held against GitLab's own schemas, and the file fails if one does not fit.
 */
if (haveSchemas) {
  const directory = mkdtempSync(join(tmpdir(), 'answer-faults-'));
  const file = join(directory, 'faults.txt');
  process.env['SIGNALBOX_SANDBOX_OBSERVER'] = new URL('./answer-observer.ts', import.meta.url).href;
  process.env['SIGNALBOX_ANSWER_FAULTS'] = file;
  afterAll(() => {
    const faults = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    rmSync(directory, { recursive: true, force: true });
    expect(faults, 'answers of the sandbox that GitLab’s own schemas refuse').toEqual([]);
  });
} else if (process.env['CI'] !== undefined) {
  throw new Error(`GitLab's response schemas are not at ${SCHEMA_DIRECTORY}`);
}
