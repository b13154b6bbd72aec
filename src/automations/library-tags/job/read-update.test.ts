import { expect, it } from 'vitest';
import { importHistory } from '../../../git-protocol/testing/import-history.ts';
import { withServed } from '../../../git-protocol/testing/with-served.ts';
import { readUpdate } from './read-update.ts';

const FILES = { 'go.mod': 'module example.com/x\n', 'a.go': 'package x\n' };

it.each([
  { allowed: true, requests: ['POST', 'POST'] },
  // What it can do is asked only after it did not do it: one fetch in vain.
  { allowed: false, requests: ['POST', 'GET', 'POST', 'POST'] },
])('reads the commit and its modules where files may be left out: $allowed', async ({ allowed, requests }) => {
  await withServed(async ({ repository, remote, served }) => {
    repository.git(['config', 'uploadpack.allowFilter', String(allowed)]);
    const [commit] = importHistory(repository, [{ parents: [], files: FILES, message: 'first\n' }]);
    const update = await readUpdate(remote, commit!);
    expect(update).toMatchObject({ filter: allowed, commit: { oid: commit, message: 'first\n' } });
    expect(update.modules.map(({ path }) => path)).toEqual(['example.com/x']);
    expect(served.requests.map(line => line.split(' ')[0])).toEqual(requests);
  });
});

it('says what the server says of a commit that it does not have', async () => {
  await withServed(async ({ repository, remote }) => {
    importHistory(repository, [{ parents: [], files: FILES }]);
    const missing = readUpdate(remote, '1'.repeat(40));
    await expect(missing).rejects.toMatchObject({
      code: 'SBX_REMOTE_REFUSED',
      detail: expect.stringContaining('not our ref'),
    });
  });
});
