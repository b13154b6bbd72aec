import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProcess } from './quiet.ts';
import { control, type World } from './world.ts';

/** Keeps what a difference can be explained by, before the world ends: the journal, what both simulators were asked, what the processes said. */
export async function keepTrace(world: World, differences: readonly string[]): Promise<string> {
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
  return directory;
}
