import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export const CHECKSUMS = 'SHA256SUMS';

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** As `sha256sum --check` reads it. */
export async function writeChecksums(directory: string, files: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const file of files) lines.push(`${await sha256Of(join(directory, file))}  ${file}\n`);
  writeFileSync(join(directory, CHECKSUMS), lines.join(''));
}

/**
 * @returns the files that are listed
 * @throws Error for one that is not there or not the same, and for a line that is no checksum
 */
export async function checkChecksums(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const line of readFileSync(join(directory, CHECKSUMS), 'utf8').trimEnd().split('\n')) {
    const { sum, file } = /^(?<sum>[0-9a-f]{64}) [ *](?<file>[A-Za-z0-9._-]+)$/.exec(line)?.groups ?? {};
    if (sum === undefined || file === undefined)
      throw new Error(`${CHECKSUMS} has a line that is no checksum: ${line}`);
    if ((await sha256Of(join(directory, file))) !== sum) throw new Error(`${file} is not what ${CHECKSUMS} says`);
    files.push(file);
  }
  return files;
}
