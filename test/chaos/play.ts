import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { person } from '../support/sandbox-client.ts';
import { BRANCH, type Event, type History } from './history.ts';
import { COLUMNS, control, tokenOf, type World } from './world.ts';

const APPLIANCE = '/projects/acme%2Fappliance';
const LIBRARY = '/projects/acme%2Flib-ssh';
/** A guard against hanging only. */
const PATIENCE = 300_000;
export const FIRST_TICKET = 2001;

/** What the player has to remember to look for it in the end. */
export interface Names {
  mergeRequests: number[];
  issues: number[];
  /** Uploads that were refused because the version has other bytes, by version. */
  refused: Record<string, number>;
}

export function artifactOf(version: string, bytes: 'own' | 'other' = 'own'): Buffer {
  return gzipSync(`the ${bytes} bytes of ${version}`);
}

export const typeOf = (race: number): string =>
  `Valve${String(race).replaceAll(/\d/g, digit => 'abcdefghij'[Number(digit)] ?? '')}`;

/** Takes the part of everybody outside. What the service acknowledged is not said again, what it did not, is. */
export async function makePlayer(world: World, history: History) {
  const names: Names = { mergeRequests: [], issues: [], refused: {} };
  const developer = person(world.gitlabUrl, 'developer');
  const maintainer = person(world.gitlabUrl, 'maintainer');
  for (let issue = 0; issue < history.issues; issue++) {
    const made = await developer.post(`${APPLIANCE}/issues`, { title: `Of the history, ${issue}`, labels: 'To Do' });
    names.issues.push(made.body.iid as number);
  }

  const edit = async (mr: number, body: object) => {
    const { status } = await developer.put(`${APPLIANCE}/merge_requests/${names.mergeRequests[mr]}`, body);
    if (status !== 200) throw new Error(`merge request ${mr} ${JSON.stringify(body)}: ${status}`);
  };
  const commit = async (project: string, body: Record<string, unknown>, file: string) => {
    const actions = [{ action: 'create', file_path: file, content: file }];
    const { status } = await maintainer.post(`${project}/repository/commits`, { ...body, actions });
    if (status !== 201) throw new Error(`commit ${file}: ${status}`);
  };

  async function play(event: Event): Promise<void> {
    switch (event.do) {
      case 'open': {
        const branch = `history-${event.mr}`;
        const from = { branch, start_branch: BRANCH[event.from], commit_message: branch };
        await commit(APPLIANCE, from, `${branch}.txt`);
        const made = await developer.post(`${APPLIANCE}/merge_requests`, {
          source_branch: branch,
          target_branch: BRANCH[event.to],
          title: `${event.draft ? 'Draft: ' : ''}${branch}`,
          description: `Part of #${names.issues[event.issue]}`,
        });
        names.mergeRequests[event.mr] = made.body.iid as number;
        return;
      }
      case 'retarget':
        return edit(event.mr, { target_branch: BRANCH[event.to] });
      case 'ready':
        return edit(event.mr, { title: `history-${event.mr}` });
      case 'close':
      case 'reopen':
        return edit(event.mr, { state_event: event.do });
      case 'merge': {
        const path = `${APPLIANCE}/merge_requests/${names.mergeRequests[event.mr]}/merge`;
        // GitLab may not be ready to merge yet.
        return insist(`merge ${event.mr}`, async () => (await maintainer.put(path)).status === 200);
      }
      case 'push':
        return commit(LIBRARY, { branch: 'main', commit_message: `Push ${event.number}` }, `push-${event.number}.txt`);
      case 'press':
        await Promise.all(Array.from({ length: event.times }, () => press(event.ticket, event.follow)));
        return;
      case 'mail': {
        const body = `<div>Message ${event.message}, written later</div>`;
        await control(world.freshdeskUrl, 'POST', 'mail', { ticket_id: FIRST_TICKET + event.ticket, body });
        return;
      }
      case 'test':
        return takeForTest(names.issues[event.issue]);
      case 'report':
        return report(event.box, event.reports);
      case 'upload':
        return upload(event);
      case 'promote':
        return promote(event.version);
    }
  }

  /** Asks the service until it has answered something that stands. */
  async function ask(
    what: string,
    path: string,
    request: RequestInit,
    stands: (status: number) => boolean,
    passes: (status: number) => boolean = () => false,
  ) {
    let last = 0;
    await insist(what, async () => {
      const signal = AbortSignal.timeout(20_000);
      const answer = await fetch(`${world.url}${path}`, { ...request, signal }).catch(() => null);
      const text = await answer?.text().catch(() => null);
      if (!answer || text === null) return false;
      last = answer.status;
      // What cannot become better by asking again.
      if (last >= 400 && last < 500 && last !== 429 && !stands(last) && !passes(last)) {
        throw new Error(`${what}: ${last} ${text}`);
      }
      return stands(last);
    });
    return last;
  }

  async function takeForTest(issue: number | undefined): Promise<void> {
    const others = COLUMNS.filter(column => column !== 'Testing').join();
    const move = { add_labels: 'Testing', remove_labels: others };
    const { status } = await maintainer.put(`${APPLIANCE}/issues/${issue}`, move);
    if (status !== 200) throw new Error(`issue ${issue} into Testing: ${status}`);
  }

  async function press(ticket: number, follow: boolean): Promise<void> {
    const headers = { authorization: `Bearer ${tokenOf('ada')}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ ticket_id: FIRST_TICKET + ticket, follow });
    await ask(`press ${ticket}`, '/v1/escalations', { method: 'POST', headers, body }, isGood);
  }

  async function report(box: string, reports: { id: string; race: number }[]): Promise<void> {
    const headers = { authorization: `Bearer ${tokenOf(box)}`, 'content-type': 'application/json' };
    const told = reports.map(({ id, race }) => ({
      id,
      text: goReport(`acme.example/pump.(*${typeOf(race)}).Open`, `acme.example/pump.(*${typeOf(race)}).Read`),
    }));
    const body = JSON.stringify({ source: box, host: box, reports: told });
    await ask(`report of ${box}`, '/v1/races', { method: 'POST', headers, body }, isGood);
  }

  async function upload({ version, line, bytes }: Extract<Event, { do: 'upload' }>): Promise<void> {
    const body = artifactOf(version, bytes);
    const headers = {
      authorization: `Bearer ${tokenOf('ci')}`,
      'x-release-line': line,
      'x-release-environment': 'development',
      'x-checksum-sha256': createHash('sha256').update(body).digest('hex'),
    };
    const request = { method: 'PUT', headers, body: new Uint8Array(body) };
    const path = `/v1/releases/appliance/${version}`;
    const status = await ask(`upload ${version}`, path, request, code => isGood(code) || code === 409);
    if (status === 409) names.refused[version] = (names.refused[version] ?? 0) + 1;
  }

  /** A person asks until the release has been through development, and no run of it is under way. */
  async function promote(version: string): Promise<void> {
    const headers = { authorization: `Bearer ${tokenOf('operator')}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ environment: 'production' });
    const path = `/v1/releases/appliance/${version}/promote`;
    await ask(`promote ${version}`, path, { method: 'POST', headers, body }, isGood, code => code === 409);
  }

  return { play, names };
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

async function insist(what: string, attempt: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) if (await attempt()) return;
  throw new Error(`it was in vain: ${what}`);
}
