import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveRepository } from '../../src/git-protocol/testing/serve-repository.ts';
import { buildLibrary, git } from './library.ts';
import { type Cost, measure, median } from './measure.ts';

/**
 * `node bench/tags/run.ts [rounds] [alone]`: what `signalbox tag --dry-run` costs at 100, 5,000 and 50,000 tags, beside `node -e 0` and
 * semantic-release's dry run, over http on loopback (git http-backend), all in turn in the same run; `alone` leaves the peer out.
 * Asserts no times, but fails when an answer is wrong.
 */
const ROUNDS = Number(process.argv[2] ?? 9);
const ALONE = process.argv[3] === 'alone';
const SIZES = [
  { tags: 100, commits: 1_000, next: 'v1.1.50' },
  { tags: 5_000, commits: 50_000, next: 'v1.99.50' },
  { tags: 50_000, commits: 50_000, next: 'v1.999.50' },
];
const signalbox = fileURLToPath(new URL('../../bin/signalbox.js', import.meta.url));
const peer = fileURLToPath(new URL('../peers/semantic-release', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-tags-'));

function hasPeer(): boolean {
  if (ALONE) return false;
  try {
    if (!existsSync(join(peer, 'node_modules'))) {
      execFileSync('npm', ['ci', '--prefix', peer, '--no-audit', '--no-fund'], { stdio: 'ignore' });
    }
    return true;
  } catch {
    console.warn(
      '\n!!! SEMANTIC-RELEASE IS MISSING: npm ci in its folder failed. The comparison with it did not run.\n',
    );
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

const rows: string[] = [];
const show = (name: string, costs: readonly Cost[], base: number, first: number): void => {
  const of = (pick: (cost: Cost) => number): number => median(costs.map(pick));
  const own = of(cost => cost.own);
  const ratios = `${(own / base).toFixed(1)} | ${Number.isNaN(first) ? '' : (own / first).toFixed(2)}`;
  rows.push(
    `| ${name} | ${of(cost => cost.wall).toFixed(2)} | ${own.toFixed(0)} | ${of(cost => cost.memory).toFixed(0)} | ${ratios} |`,
  );
  // A long run that is broken off has shown what it found.
  console.error(rows.at(-1));
};

try {
  const withPeer = hasPeer();
  const libraries = [];
  for (const size of SIZES) {
    const directory = join(root, `library-${size.tags}`);
    const commit = buildLibrary(directory, size.commits, size.tags);
    libraries.push({ ...size, directory, commit, served: await serveRepository(directory) });
  }
  const empty: Cost[] = [];
  const ours = libraries.map((): Cost[] => []);
  const cwd = join(root, 'job');
  mkdirSync(cwd);
  // The first round warms the cache of compiled code and the disk, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const costs: Cost[] = [await measure(['-e', '0'], { cwd, environment: {} })];
    for (const { commit, served, next } of libraries) {
      const environment = {
        CI_PROJECT_URL: served.url.replace(/\.git$/, ''),
        CI_COMMIT_SHA: commit,
        CI_COMMIT_BRANCH: 'main',
        CI_DEFAULT_BRANCH: 'main',
      };
      const cost = await measure([signalbox, 'tag', '--dry-run', '--json'], { cwd, environment });
      const { tag } = JSON.parse(cost.stdout) as { tag: string };
      if (tag !== next) throw new Error(`${next} was expected, not ${tag}`);
      costs.push(cost);
    }
    if (round === 0) continue;
    empty.push(costs[0]!);
    for (const [index, list] of ours.entries()) list.push(costs[index + 1]!);
  }
  const base = median(empty.map(cost => cost.own));
  const first = median(ours[0]!.map(cost => cost.own));
  show('node -e 0', empty, base, Number.NaN);
  for (const [index, { tags }] of libraries.entries()) {
    show(`signalbox tag --dry-run, ${tags} tags`, ours[index]!, base, first);
  }
  const ratios: string[] = [];
  for (const [index, { tags, directory, served }] of libraries.entries()) {
    if (!withPeer) break;
    const cost = await measurePeer(directory, served.url, tags);
    show(`semantic-release --dry-run, ${tags} tags (one run)`, [cost], base, Number.NaN);
    ratios.push(`${(cost.wall / median(ours[index]!.map(one => one.wall))).toFixed(1)} at ${tags}`);
  }
  console.log('| | wall s | own CPU ms | peak RSS MiB | x node -e 0 | x 100 tags |\n|---|---|---|---|---|---|');
  console.log(rows.join('\n'));
  if (ratios.length > 0) console.log(`\nsemantic-release takes this many times our wall time: ${ratios.join(', ')}.`);
  console.log(
    `\n${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}, medians of ${ROUNDS} rounds in turn.`,
  );
  for (const { served } of libraries) await served.close();
} finally {
  rmSync(root, { recursive: true, force: true });
}
