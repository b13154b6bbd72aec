import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { settingsSchema } from '../../config/schema.ts';
import { checkReleases } from './check-releases.ts';

let directory: string;
let script: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
  script = join(directory, 'release.sh');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function check() {
  const product = { credentials: [{ name: 'ci', secret: { env: 'SECRET' } }], script };
  const [found] = await checkReleases(settingsSchema.parse({ releases: { products: { appliance: product } } }));
  return `${found?.status} ${found?.detail}`;
}

it('is content with a script that its owner alone may change', async () => {
  await writeFile(script, '#!/bin/sh\n');
  await chmod(script, 0o755);
  expect(await check()).toBe(`OK ${script}`);
});

it('says what is wrong with it', async () => {
  expect(await check()).toBe(`FAIL ${script} does not exist`);
  await writeFile(script, '#!/bin/sh\n');
  await chmod(script, 0o644);
  expect(await check()).toBe(`FAIL ${script} may not be executed by this user`);
  await chmod(script, 0o775);
  expect(await check()).toBe(`WARN others than its owner may write ${script}`);
  await chmod(script, 0o755);
  await chmod(directory, 0o777);
  expect(await check()).toBe(`WARN others than its owner may write ${directory}`);
  await rm(script);
  await mkdir(script);
  expect(await check()).toBe(`FAIL ${script} is no file`);
});
