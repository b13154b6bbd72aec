import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../support/sandbox-client.ts';
import { type Installation, install } from '../support/service-process.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { ask } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

const SECRET = 'the-secret-of-the-build-server';
const BYTES = gzipSync(Buffer.alloc(300_000, 'artifact'));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let disk: FaultyDisk;
let installation: Installation;
beforeEach(async () => {
  disk = faultyDisk();
  installation = await install(
    'http://127.0.0.1:9',
    directory => `lines: [ { name: "5.4", branch: release/5.4 } ]
releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/ci } } ]
      metadata: { version: required, line: required, environment: required }
      script: ${directory}/release.sh
`,
  );
  await writeFile(join(installation.directory, 'ci'), SECRET, { mode: 0o600 });
  const script = join(installation.directory, 'release.sh');
  await writeFile(script, `#!/bin/sh\necho "$RELEASE_VERSION" >> ${installation.directory}/released\n`);
  await chmod(script, 0o755);
});
afterEach(async () => {
  disk.set();
  await installation.remove();
  disk.remove();
});

const upload = (version: string) =>
  ask(`${installation.url}/v1/releases/appliance/${version}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${SECRET}`,
      'x-release-line': '5.4',
      'x-release-environment': 'development',
      'x-checksum-sha256': SHA256,
    },
    body: new Uint8Array(BYTES),
  });
const artifacts = () => join(installation.directory, 'data', 'releases');

it('takes no release that the disk does not say it has, keeps nothing of it, and takes the same one afterwards', async () => {
  const service = await installation.serve(disk.environment);
  const rules = ['write EIO', 'half ENOSPC', 'written EIO', 'sync EIO', 'open EMFILE'];
  for (const [n, rule] of rules.entries()) {
    disk.set(`${rule} /releases/`);
    const refused = await upload(`5.4.${n}`);
    const full = rule.endsWith('ENOSPC');
    expect({ rule, ...refused }).toMatchObject({
      rule,
      status: full ? 507 : 503,
      code: full ? 'SBX_RELEASE_NO_SPACE' : 'SBX_RELEASE_NOT_STORED',
    });
    disk.set();
    expect(existsSync(join(artifacts(), 'appliance', `5.4.${n}`)), rule).toBe(false);
    expect((await upload(`5.4.${n}`)).status, rule).toBe(202);
  }
  // The last of several: the name of the directory, after everything in it.
  disk.set('sync EIO releases/appliance');
  expect((await upload('5.4.9')).status).toBe(503);
  disk.set();
  expect(await readdir(join(artifacts(), 'appliance'))).not.toContain('5.4.9');
  service.child.kill('SIGKILL');
  await service.ended;

  const next = await installation.serve(disk.environment);
  const released = async () => (await readFile(join(installation.directory, 'released'), 'utf8')).trim().split('\n');
  await eventually('all that were taken are released', async () => (await released()).length >= rules.length);
  expect((await released()).toSorted()).toEqual(rules.map((_rule, n) => `5.4.${n}`));
  for (const n of rules.keys()) {
    const file = join(artifacts(), 'appliance', `5.4.${n}`, `appliance-5.4.${n}.tgz`);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(SHA256);
  }
  await next.stop();
});
