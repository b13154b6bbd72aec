import { describe, expect, it } from 'vitest';
import { describeRemote } from '../../git-protocol/remote.ts';
import { createTestRepository } from '../../git-protocol/testing/git-repository.ts';
import { serveRepository } from '../../git-protocol/testing/serve-repository.ts';
import { decide } from './decide.ts';
import { playScenario } from './testing/scenario.ts';
import { readSharedCases } from './testing/shared-cases.ts';
import { snapshotByGit } from './testing/snapshot-by-git.ts';
import { snapshotByProtocol } from './testing/snapshot-by-protocol.ts';

const shared = readSharedCases();

describe.runIf(shared)(`the same decision without a clone${shared ? '' : ' (NOT RUN: ../shared is missing)'}`, () => {
  it.each(shared?.scenarios.cases ?? [])('$id $title', async ({ ops, ciback }) => {
    const repository = createTestRepository();
    const served = await serveRepository(`${repository.directory}/.git`);
    try {
      const commit = playScenario(repository, ops, ciback);
      const byProtocol = await snapshotByProtocol(describeRemote({ url: served.url }), commit);
      const byGit = snapshotByGit(repository, commit);
      for (const bump of ['patch', 'conventional'] as const) {
        expect(decide(byProtocol, { bump })).toEqual(decide(byGit, { bump }));
      }
    } finally {
      await served.close();
      repository.remove();
    }
  });
});
