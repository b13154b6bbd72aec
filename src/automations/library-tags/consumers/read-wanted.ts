import { hash } from 'node:crypto';
import type { Documents } from '../../../engine/documents/documents.ts';
import { readCapabilities } from '../../../git-protocol/capabilities.ts';
import { findFiles } from '../../../git-protocol/find-files.ts';
import { listRefs } from '../../../git-protocol/list-refs.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import type { FileChange } from '../../../gitlab/client/proposals.ts';
import { isReleasedDirectory } from '../module-path.ts';
import { askAgain, openRemote } from '../open-remote.ts';
import { chooseVersion, unmetRequirements } from './choose-version.ts';
import type { BumpFacts } from './facts.ts';
import { readRequirements, setRequirement } from './go-mod.ts';
import { addSums, moduleSums } from './go-sum.ts';
import { type KnownModule, knownModules } from './modules.ts';

/** What a consumer's files would be with every library at the version it is to have. */
export interface Wanted {
  bumps: BumpFacts[];
  files: FileChange[];
  /** The same for the same files on any head. */
  change: string;
  vendored: boolean;
}

export interface WantedQuery {
  gitlab: GitLab;
  documents: Documents;
  project: string;
  /** The commit that is looked at. */
  head: string;
  /** Whether it is a release branch, which takes only patches. */
  line: boolean;
  signal: AbortSignal;
}

const TAGS = 'refs/tags/';

/** Reads go.mod and go.sum of a consumer, and computes both anew; no Go, no clone, nothing is written. */
export async function readWanted(query: WantedQuery): Promise<Wanted> {
  const { gitlab, documents, project, head, line, signal } = query;
  const remote = await openRemote(gitlab, project, signal);
  const { filter } = await askAgain(() => readCapabilities(remote, signal));
  const { files } = await askAgain(() => findFiles(remote, { commit: head, filter, wanted: isModuleFile, signal }));
  const texts = new Map(files.map(({ path, bytes }) => [path, bytes.toString('utf8')]));
  const modules = await knownModules(documents);
  const bumps: BumpFacts[] = [];
  const changed = new Map<string, string>();
  for (const [path, goMod] of texts) {
    const dir = path === 'go.mod' ? '' : path.slice(0, -'/go.mod'.length);
    if (!isGoMod(path) || !isReleasedDirectory(dir)) continue;
    const sumPath = path.replace(/mod$/, 'sum');
    let [mod, sum] = [goMod, texts.get(sumPath) ?? ''];
    for (const { path: required, version, pinned } of readRequirements(goMod)) {
      const module = modules.get(required);
      if (!module || pinned || module.project === project) continue;
      const library = await openRemote(gitlab, module.project, signal);
      const tags = await versionsOf(library, module, signal);
      const to = chooseVersion(version, [...tags.keys()], line);
      if (to === null) continue;
      const released = await filesOf(library, module, tags.get(to)!, { filter, signal });
      const from = tags.get(version);
      const before =
        from === undefined ? '' : goModOf(await filesOf(library, module, from, { filter, signal, onlyGoMod: true }));
      const requirements = readRequirements(goModOf(released));
      const unmet = unmetRequirements(readRequirements(goMod), readRequirements(before), requirements);
      mod = setRequirement(mod, required, to);
      sum = addSums(
        sum,
        { path: required, version: to },
        moduleSums({ path: required, version: to }, released.files, released.license),
      );
      const tag = module.prefix + to;
      bumps.push({ dir, path: required, from: version, to, library: module.project, tag, unmet });
    }
    if (mod !== goMod) changed.set(path, mod).set(sumPath, sum);
  }
  const changes = [...changed]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([file_path, content]): FileChange => {
      return { action: texts.has(file_path) ? 'update' : 'create', file_path, content };
    });
  const change = hash('sha256', JSON.stringify(changes), 'hex').slice(0, 16);
  return { bumps, files: changes, change, vendored: texts.has('vendor/modules.txt') };
}

function isGoMod(path: string): boolean {
  return path === 'go.mod' || path.endsWith('/go.mod');
}

function isModuleFile(path: string): boolean {
  return isGoMod(path) || path === 'go.sum' || path.endsWith('/go.sum') || path === 'vendor/modules.txt';
}

/** The library's versions, with what their tags are on. */
async function versionsOf(remote: Remote, { prefix }: KnownModule, signal: AbortSignal): Promise<Map<string, string>> {
  const refs = await askAgain(() => listRefs(remote, { prefixes: [`${TAGS}${prefix}v`], signal }));
  return new Map(refs.map(({ name, peeled }) => [name.slice(TAGS.length + prefix.length), peeled]));
}

interface Released {
  files: { path: string; bytes: Buffer }[];
  license: Buffer | null;
}

/** A library's files at a commit, below its module's directory; or only its go.mod. */
async function filesOf(
  remote: Remote,
  { dir }: KnownModule,
  commit: string,
  { filter, signal, onlyGoMod = false }: { filter: boolean; signal: AbortSignal; onlyGoMod?: boolean },
): Promise<Released> {
  const below = dir === '' ? '' : `${dir}/`;
  const wanted = (path: string) =>
    onlyGoMod ? path === `${below}go.mod` : path.startsWith(below) || path === 'LICENSE';
  const { files } = await askAgain(() => findFiles(remote, { commit, filter, wanted, signal }));
  return {
    files: files.flatMap(({ path, bytes }) =>
      path.startsWith(below) ? [{ path: path.slice(below.length), bytes }] : [],
    ),
    license: below === '' ? null : (files.find(({ path }) => path === 'LICENSE')?.bytes ?? null),
  };
}

function goModOf({ files }: Released): string {
  return files.find(({ path }) => path === 'go.mod')?.bytes.toString('utf8') ?? '';
}
