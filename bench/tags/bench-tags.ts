import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveRepository } from '../../src/git-protocol/testing/serve-repository.ts';
import { installPackage } from '../install-package.ts';
import { type BenchOptions, missing, type Row } from '../row.ts';
import { buildLibrary, git } from './library.ts';
import { type Cost, measure, median } from './measure.ts';

const SIZES = [
  { tags: 100, commits: 1_000, next: 'v1.1.50' },
  { tags: 5_000, commits: 50_000, next: 'v1.99.50' },
  { tags: 50_000, commits: 50_000, next: 'v1.999.50' },
];
const peer = fileURLToPath(new URL('../peers/semantic-release', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-tags-'));

function hasPeer(): boolean {
  try {
    if (!existsSync(join(peer, 'node_modules'))) {
      execFileSync('npm', ['ci', '--prefix', peer, '--no-audit', '--no-fund'], { stdio: 'ignore' });
    }
    return true;
  } catch {
    return false;
  }
}

/** The whole history in a checkout, as semantic-release needs it; the time of this clone is not counted. */
async function measurePeer(directory: string, url: string, tags: number): Promise<Cost> {
  const checkout = join(root, `checkout-${tags}`);
  git(root, 'clone', '-q', `file://${directory}`, checkout);
  git(checkout, 'remote', 'set-url', 'origin', url);
  const program = join(peer, 'node_modules/semantic-release/bin/semantic-release.js');
  const plugin = '@semantic-release/commit-analyzer';
  const args = [program, '--dry-run', '--no-ci', '-b', 'main', '-r', url, '-p', plugin];
  const cost = await measure(args, { cwd: checkout, environment: { GIT_CONFIG_GLOBAL: '/dev/null' } });
  rmSync(checkout, { recursive: true });
  return cost;
}

/**
 * What `signalbox tag --dry-run` costs at 100, 5,000 and 50,000 tags, beside `node -e 0` and semantic-release's dry run, over http on
 * loopback (git http-backend), in turn in the same run. Asserts no times, but throws when an answer is wrong.
 */
export async function benchTags({ quick = false, say = () => undefined }: BenchOptions = {}): Promise<Row[]> {
  const sizes = quick ? SIZES.slice(0, 1) : SIZES;
  const rounds = quick ? 1 : 9;
  try {
    const libraries = [];
    for (const size of sizes) {
      const directory = join(root, `library-${size.tags}`);
      const commit = buildLibrary(directory, size.commits, size.tags);
      libraries.push({ ...size, directory, commit, served: await serveRepository(directory), costs: [] as Cost[] });
    }
    const signalbox = installPackage(join(root, 'package'));
    const empty: Cost[] = [];
    const cwd = join(root, 'job');
    mkdirSync(cwd);
    // The first round warms the cache of compiled code and the disk, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const nothing = await measure(['-e', '0'], { cwd, environment: {} });
      if (round > 0) empty.push(nothing);
      for (const { commit, served, next, costs } of libraries) {
        const environment = {
          CI_PROJECT_URL: served.url.replace(/\.git$/, ''),
          CI_COMMIT_SHA: commit,
          CI_COMMIT_BRANCH: 'main',
          CI_DEFAULT_BRANCH: 'main',
        };
        const cost = await measure([signalbox, 'tag', '--dry-run', '--json'], { cwd, environment });
        const { tag } = JSON.parse(cost.stdout) as { tag: string };
        if (tag !== next) throw new Error(`${next} was expected, not ${tag}`);
        if (round > 0) costs.push(cost);
      }
    }
    const of = (costs: readonly Cost[], pick: (cost: Cost) => number) => median(costs.map(pick));
    const base = of(empty, cost => cost.own);
    const first = of(libraries[0]?.costs ?? [], cost => cost.own);
    const withPeer = hasPeer();
    const rows: Row[] = [];
    for (const { tags, directory, served, costs } of libraries) {
      const name = `signalbox tag --dry-run, ${tags.toLocaleString('en')} tags`;
      const own = of(costs, cost => cost.own);
      const wall = of(costs, cost => cost.wall);
      const memory = of(costs, cost => cost.memory);
      rows.push(
        atMost(`${name}, own CPU beside node -e 0`, own, base, 4, 'ms'),
        ...(own === first ? [] : [atMost(`${name}, own CPU beside 100 tags`, own, first, 1.5, 'ms')]),
        figure(`${name}, peak memory`, `${memory.toFixed(0)} MiB`, 'under 80 MiB', memory < 80),
      );
      say(`${name}: ${wall.toFixed(2)} s`);
      if (withPeer) rows.push(besidePeer(name, wall, await measurePeer(directory, served.url, tags), tags));
      await served.close();
    }
    if (!withPeer) rows.push(missing('signalbox tag, beside semantic-release', 'npm ci in its folder failed'));
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function atMost(name: string, ours: number, peer: number, goal: number, unit: string): Row {
  const show = (value: number) => `${value.toFixed(0)} ${unit}`;
  const ratio = ours / peer;
  return { name, ours: show(ours), peer: show(peer), ratio, goal: `at most ${goal}`, reached: ratio <= goal };
}

function figure(name: string, ours: string, goal: string, reached: boolean): Row {
  return { name, ours, peer: '', ratio: null, goal, reached };
}

/** The goal is for 50,000 tags. */
function besidePeer(name: string, wall: number, peer: Cost, tags: number): Row {
  const ratio = wall / peer.wall;
  return {
    name: `${name}, beside semantic-release`,
    ours: `${wall.toFixed(2)} s`,
    peer: `${peer.wall.toFixed(2)} s`,
    ratio,
    ...(tags < 50_000 ? { goal: null, reached: null } : { goal: 'at most 0.1', reached: ratio <= 0.1 }),
  };
}
