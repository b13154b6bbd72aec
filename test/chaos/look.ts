import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { person } from '../support/sandbox-client.ts';
import { type History, LINES } from './history.ts';
import type { Outcome } from './oracle.ts';
import { artifactOf, FIRST_TICKET, type Names, typeOf } from './play.ts';
import { ENVIRONMENTS, tokenOf, type World } from './world.ts';

const APPLIANCE = '/projects/acme%2Fappliance';
const SEEDED = /^v1\.([0-3]\.\d+|4\.[0-2])$/;

interface Issue {
  iid: number;
  title: string;
  description: string;
  labels: string[];
}

/** What is there in the end, under the names that the oracle uses; asked over HTTP and read from the disk. */
export async function lookAtWorld(world: World, history: History, names: Names): Promise<Outcome> {
  const admin = person(world.gitlabUrl, 'admin');
  const all = async <T>(path: string): Promise<T[]> => {
    const rows: T[] = [];
    for (let page = 1; ; page++) {
      const { body } = await admin.get(`${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`);
      rows.push(...(body as T[]));
      if (body.length < 100) return rows;
    }
  };
  const issues = await all<Issue>(`${APPLIANCE}/issues?state=all`);
  const outcome: Outcome = {};
  const add = (name: string, value: number) => {
    outcome[name] = Number(outcome[name] ?? 0) + value;
  };

  for (const [mr, iid] of names.mergeRequests.entries()) {
    const threads = await all<{ notes: { body: string; resolved?: boolean }[] }>(
      `${APPLIANCE}/merge_requests/${iid}/discussions`,
    );
    const ours = threads.filter(({ notes }) => notes[0]?.body.includes('<!-- signalbox:version-check '));
    outcome[`merge request ${mr}: threads beyond the first`] = Math.max(0, ours.length - 1);
    outcome[`merge request ${mr}: threads that hold it up`] = ours.filter(({ notes }) => !notes[0]?.resolved).length;
  }
  for (const [issue, iid] of names.issues.entries()) {
    outcome[`issue ${issue}: column`] = issues.find(each => each.iid === iid)?.labels.join('+') ?? 'gone';
  }
  for (const { iid, description } of issues.filter(each => each.labels.includes('freshdesk'))) {
    const ticket = Number(/key=ticket:\S+\/(\d+)/.exec(description)?.[1]) - FIRST_TICKET;
    const notes = await all<{ body: string; system: boolean }>(`${APPLIANCE}/issues/${iid}/notes?sort=asc`);
    const said = notes.filter(note => !note.system).map(note => /Message (\d+)/.exec(note.body)?.[1]);
    add(`ticket ${ticket}: issues`, 1);
    outcome[`ticket ${ticket}: messages`] = said.join();
    add(`ticket ${ticket}: files`, Number(/\*\*(\d+)\/\1 messages\*\*, \*\*1\/1 files\*\* copied\./.test(description)));
  }
  for (let ticket = 0; ticket < history.tickets; ticket++) {
    const path = `/api/v2/tickets/${FIRST_TICKET + ticket}/conversations?per_page=100`;
    const authorization = `Basic ${Buffer.from('sandbox:X').toString('base64')}`;
    const answer = await fetch(`${world.freshdeskUrl}${path}`, { headers: { authorization } });
    const notes = (await answer.json()) as { body: string }[];
    const links = notes.filter(each => each.body.includes(`Signalbox: ticket ${FIRST_TICKET + ticket} is`)).length;
    if (links > 0) outcome[`ticket ${ticket}: notes with the link`] = links;
  }
  for (const { title, description } of issues.filter(each => each.labels.includes('race condition'))) {
    const type = /\(\*(\w+)\)/.exec(title)?.[1];
    const race = Array.from({ length: history.races }, (_, n) => n).find(n => typeOf(n) === type);
    add(`race ${race}: issues`, 1);
    add(`race ${race}: seen`, Number(/\*\*Seen (\d+) times/.exec(description)?.[1] ?? 1));
  }
  Object.assign(outcome, await lookAtReleases(world, history, names));
  const tags = await all<{ name: string; commit: { message: string } }>('/projects/acme%2Flib-ssh/repository/tags');
  const ours = tags.filter(tag => !SEEDED.test(tag.name)).toSorted((a, b) => patchOf(a.name) - patchOf(b.name));
  outcome['library: tags'] = ours.map(tag => `${tag.name}=${tag.commit.message.replace(/\D/g, '')}`).join(' ');
  return outcome;
}

const patchOf = (tag: string): number => Number(tag.split('.')[2]);

interface Run {
  state: string;
  environment: string;
}

async function lookAtReleases(world: World, { events }: History, names: Names): Promise<Outcome> {
  const outcome: Outcome = {};
  const lines = (await readFile(join(world.directory, 'released'), 'utf8').catch(() => '')).split('\n');
  const versions = new Set(events.flatMap(event => (event.do === 'upload' ? [event.version] : [])));
  for (const version of versions) {
    const answer = await fetch(`${world.url}/v1/releases/appliance/${version}`, {
      headers: { authorization: `Bearer ${tokenOf('ci')}` },
    });
    const view = (await answer.json()) as { state?: string; runs?: Run[] };
    for (const environment of ENVIRONMENTS) {
      const isHere = (run: Run) => run.environment === environment && run.state === 'released';
      const runs = (view.runs ?? []).filter(isHere).length;
      outcome[`release ${version}: released for ${environment}`] = view.state === 'released' ? runs : 0;
      const done = lines.filter(line => line === `${version} ${environment}`).length;
      outcome[`release ${version}: done by the script for ${environment}`] = done;
    }
    const file = join(world.artifacts, 'releases/appliance', version, `appliance-${version}.tgz`);
    const bytes = await readFile(file).catch(() => null);
    outcome[`release ${version}: bytes`] =
      bytes === null ? 'none' : bytes.equals(artifactOf(version)) ? 'own' : 'other';
    outcome[`release ${version}: refused uploads`] = names.refused[version] ?? 0;
  }
  for (const channel of LINES.flatMap(line => ENVIRONMENTS.map(environment => `${line}/${environment}`))) {
    const file = join(world.artifacts, 'public/appliance/channels', `${channel}.json`);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) outcome[`channel ${channel}`] = (JSON.parse(text) as { version: string }).version;
  }
  return outcome;
}
