import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './bundle.ts';
import { readCommandLine } from './command-line.ts';
import { CHECKSUMS, checkChecksums } from './release/checksums.ts';
import { verifyFile } from './release/minisign.ts';
import { parsePublicKey } from './release/minisign-keys.ts';

const usage = `npm run release:verify -- --public-key FILE|KEY [DIRECTORY]

Verifies what release:build has made (dist-release unless told), or what was downloaded: every file that SHA256SUMS lists, and every signature.`;
const { values, positionals, refuse } = readCommandLine(usage, { 'public-key': { type: 'string' } }, 1);
const given = values['public-key'] ?? refuse('name the public key with --public-key FILE, or the key itself');
const key = parsePublicKey(existsSync(given) ? readFileSync(given, 'utf8') : given);
const directory = resolve(positionals[0] ?? join(ROOT, 'dist-release'));
try {
  // The list first: what it says of the others holds only then.
  await verify(CHECKSUMS);
  for (const file of await checkChecksums(directory)) await verify(file);
} catch (error) {
  console.error(`${directory}: ${(error as Error).message}`);
  process.exitCode = 1;
}

async function verify(file: string): Promise<void> {
  const signature = readFileSync(join(directory, `${file}.minisig`), 'utf8');
  const comment = await verifyFile(join(directory, file), signature, key).catch((error: Error) => {
    throw new Error(`${file}: ${error.message}`);
  });
  // A good signature of another file is no signature of this one.
  if (!comment.split('\t').includes(`file:${file}`)) throw new Error(`${file}: the signature is of another file`);
  console.log(`good  ${file}  (${comment.replaceAll('\t', ', ')})`);
}
