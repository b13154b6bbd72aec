import { readCapabilities } from '../../../git-protocol/capabilities.ts';
import { findFiles } from '../../../git-protocol/find-files.ts';
import { readHistory } from '../../../git-protocol/history.ts';
import { listRefs } from '../../../git-protocol/list-refs.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { planStream } from '../decide.ts';
import { readModulePath } from '../module-path.ts';
import type { Snapshot } from '../snapshot.ts';
import { candidatesOf } from '../stream-tags.ts';

/** The facts about one commit as a front end gets them over HTTP: only what the decision needs. */
export async function snapshotByProtocol(remote: Remote, commit: string): Promise<Snapshot> {
  const capabilities = readCapabilities(remote);
  const refs = listRefs(remote, { prefixes: ['refs/tags/'] });
  const { filter } = await capabilities;
  const found = await findFiles(remote, { commit, filter, wanted: path => path === 'go.mod' });
  const goMod = found.files[0]?.bytes.toString('utf8');
  const facts = {
    branch: 'main',
    defaultBranch: 'main',
    tags: (await refs).map(({ name, peeled }) => ({ name: name.slice('refs/tags/'.length), peeled })),
    module: goMod === undefined ? null : { dir: '', path: readModulePath(goMod) ?? '' },
    ledger: [],
  };
  const plan = planStream(facts, { bump: 'patch' });
  const candidates = plan.kind === 'stream' ? [...candidatesOf(plan.tags)].map(({ peeled }) => peeled) : [];
  const { relations, commits } = await readHistory(remote, { commit, candidates, filter });
  return { ...facts, commit, commitMessage: found.commit.message, relations, commits };
}
