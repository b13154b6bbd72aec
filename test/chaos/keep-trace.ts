import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProcess } from './quiet.ts';
import { control, type World } from './world.ts';

/** Rows of the journal that are worth showing where nobody can open files. */
const SHOWN = 60;

/**
 * Keeps what a difference can be explained by, before the world ends: the journal, what both simulators were asked, what the processes said.
 *
 * @returns where it is, and the journal's last rows about the releases that differ
 */
export async function keepTrace(world: World, differences: readonly string[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-chaos-trace-'));
  const rows: { seq: number }[] = [];
  for (let before = ''; ; before = `&before=${rows.at(-1)?.seq}`) {
    const page = (await askProcess(world, 0, `/v1/journal?limit=500${before}`)) as { rows: { seq: number }[] };
    rows.push(...page.rows);
    if (page.rows.length === 0) break;
  }
  const lines = (all: readonly unknown[]) => all.map(each => `${JSON.stringify(each)}\n`).join('');
  const requests = async (url: string) => lines((await control(url, 'GET', 'requests')) as unknown[]);
  const files = {
    'differences.txt': `${differences.join('\n')}\n`,
    'journal.jsonl': lines(rows.toReversed()),
    'gitlab.jsonl': await requests(world.gitlabUrl),
    'freshdesk.jsonl': await requests(world.freshdeskUrl),
    'processes.log': world.output(),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const versions = differences.flatMap(line => /^release (\S+):/.exec(line)?.[1] ?? []);
  const about = lines(rows.toReversed())
    .split('\n')
    .filter(line => versions.some(version => line.includes(version)));
  return [`kept in ${directory}: journal, requests, output`, ...about.slice(-SHOWN)];
}
