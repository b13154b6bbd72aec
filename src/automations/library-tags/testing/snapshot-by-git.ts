import type { TestRepository } from '../../../git-protocol/testing/git-repository.ts';
import { isReleasedDirectory, readModulePath } from '../module-path.ts';
import type { CommitFact, Relation, Snapshot, TagFact } from '../snapshot.ts';

/**
 * The facts about one commit, read with the git command line from the whole repository: an independent way to the
 * same snapshot that the service gets over the network, for every tag and not only for those that matter.
 */
export function snapshotByGit(
  repository: TestRepository,
  commit: string,
  more: { branch?: string; dir?: string; ledger?: string[] } = {},
): Snapshot {
  const { git } = repository;
  const tags = readTags(repository);
  const inHistory = new Set(git(['rev-list', commit]).split('\n'));
  const relations: Record<string, Relation> = {};
  for (const { peeled } of tags) {
    if (relations[peeled]) continue;
    if (peeled === commit) relations[peeled] = 'same';
    else if (git(['cat-file', '-t', peeled]) !== 'commit') relations[peeled] = 'not-a-commit';
    else if (inHistory.has(peeled)) relations[peeled] = 'ancestor';
    else relations[peeled] = git(['rev-list', peeled]).split('\n').includes(commit) ? 'descendant' : 'unrelated';
  }
  const files = git(['ls-tree', '-r', '--name-only', commit]).split('\n');
  const dirs = files.filter(file => /(^|\/)go\.mod$/.test(file)).map(file => file.slice(0, -'/go.mod'.length));
  const dir = more.dir ?? dirs.find(name => name === '' && isReleasedDirectory(name)) ?? '';
  const goMod = dirs.includes(dir) ? git(['cat-file', 'blob', `${commit}:${dir ? `${dir}/` : ''}go.mod`]) : null;
  const commits = readCommits(repository, commit);
  return {
    commit,
    commitMessage: commits[0]!.message,
    branch: more.branch ?? 'main',
    defaultBranch: 'main',
    tags,
    relations,
    module: goMod === null ? null : { dir, path: readModulePath(goMod) ?? '' },
    commits,
    ledger: more.ledger ?? [],
  };
}

function readTags({ git }: TestRepository): TagFact[] {
  const refs = git(['for-each-ref', '--format=%(refname)', 'refs/tags']).split('\n').filter(Boolean);
  // for-each-ref's own *objectname follows only one tag object; a tag of a tag needs ^{}.
  return refs.map(ref => ({ name: ref.slice('refs/tags/'.length), peeled: git(['rev-parse', `${ref}^{}`]) }));
}

function readCommits({ git }: TestRepository, commit: string): CommitFact[] {
  return git(['log', '-z', '--format=%H%n%P%n%B', commit])
    .split('\0')
    .filter(Boolean)
    .map(text => {
      const [oid, parents, ...message] = text.split('\n');
      return { oid: oid!, parents: parents ? parents.split(' ') : [], message: message.join('\n') };
    });
}
