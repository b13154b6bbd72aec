import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

const VERSION = '5.4.1';
const secret = randomBytes(24).toString('base64url');

/** What a product's release script may look like: it finds everything in its env file. */
const SCRIPT = `#!/bin/sh
set -eu
. "$2"
tar -tzf "$1" > contents
echo "$RELEASE_PRODUCT $RELEASE_VERSION" >> "$(dirname "$0")/released"
`;

/** A build server sends a release: with a wrong MD5 it is refused, with the right one released, once. */
export const releaseChapter: Chapter = {
  number: 3,
  title: 'Release',
  settings: async directory => {
    await writeFile(join(directory, 'release-secret'), secret, { mode: 0o600 });
    await writeFile(join(directory, 'release.sh'), SCRIPT);
    await chmod(join(directory, 'release.sh'), 0o755);
    return `releases:
  products:
    appliance:
      credentials: [ { name: build-server, secret: { file: ${directory}/release-secret } } ]
      metadata: { version: required, line: required, environment: required, commit: required }
      script: ${directory}/release.sh
`;
  },
  hooks: {},
  play: async stage => {
    const artifact = await buildArtifact(stage.directory);
    const md5 = createHash('md5').update(artifact).digest('hex');
    const refused = await send(
      stage,
      artifact,
      md5.replace(/./g, digit => (digit === '0' ? '1' : '0')),
    );
    const first = await send(stage, artifact, md5);
    const again = await send(stage, artifact, md5);
    const released = await readFile(join(stage.directory, 'released'), 'utf8').catch(() => '');
    const pointer = join(stage.directory, 'data/public/appliance/channels/5.4/development.json');
    const offered = await until(async () => {
      const text = await readFile(pointer, 'utf8').catch(() => '{}');
      return (JSON.parse(text) as { version?: string }).version === VERSION ? true : null;
    });
    return {
      line: `appliance ${VERSION} was sent with a wrong MD5: refused; with the right one: released; again: nothing to do`,
      claims: [
        { claim: 'a wrong MD5 is refused (400), and nothing is released', holds: refused === 400 },
        { claim: 'the right one is released when the script has ended (201)', holds: first === 201 },
        { claim: 'the same again changes nothing (200)', holds: again === 200 },
        { claim: 'the script ran once', holds: released === `appliance ${VERSION}\n` },
        { claim: 'an update server finds it in channels/5.4/development.json', holds: offered === true },
      ],
    };
  },
};

async function buildArtifact(directory: string): Promise<Buffer> {
  const content = join(directory, 'appliance');
  await mkdir(content, { recursive: true });
  await writeFile(join(content, 'VERSION'), `${VERSION}\n`);
  const file = join(directory, 'appliance.tgz');
  await promisify(execFile)('tar', ['-czf', file, '-C', directory, 'appliance']);
  return readFile(file);
}

/** As `curl -F` sends it from a pipeline. */
async function send(stage: Stage, artifact: Buffer, md5: string): Promise<number> {
  const form = new FormData();
  const fields = { version: VERSION, line: '5.4', environment: 'development', commit: '0123abcd', md5, secret };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([artifact]), 'appliance.tgz');
  const answer = await fetch(`${stage.service.url}/v1/releases/appliance`, { method: 'POST', body: form });
  await answer.body?.cancel();
  return answer.status;
}
