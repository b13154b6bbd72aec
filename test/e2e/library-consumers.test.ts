import { afterEach, expect, test, vi } from 'vitest';
import { type LibraryStage, setLibraryStage } from './library-stage.ts';

const PRODUCT = '/projects/acme%2Fappliance';
const MODULE = 'gitlab.example.com/acme/lib-ssh';
const KEY = 'library-consumer:acme/appliance@main';
const BRANCH = encodeURIComponent('signalbox/libraries/main');

// An answer cut off is looked for over several seconds, twice in a test.
vi.setConfig({ testTimeout: 90_000 });

let at: LibraryStage;

afterEach(() => at.close());

async function set(goMod = `module gitlab.example.com/acme/appliance\n\ngo 1.19\n\nrequire ${MODULE} v1.4.2\n`) {
  at = await setLibraryStage({
    rules: '  consumers: { projects: [ acme/appliance ], wait: 10s }\n',
    pace: { settle: 20, spacing: 20, backOff: 20, maxBackOff: 100, grace: 300 },
  });
  for (const branch of ['main', 'release/5.4']) await commit(branch, { 'go.mod': goMod });
  await at.quiet();
}

async function commit(branch: string, files: Record<string, string>, action = 'create'): Promise<void> {
  const actions = Object.entries(files).map(([file_path, content]) => ({ action, file_path, content }));
  const body = { branch, commit_message: 'Change files', actions };
  await at.must('maintainer', 'POST', `${PRODUCT}/repository/commits`, body);
}

async function requests(query = 'state=opened'): Promise<{ iid: number; title: string; description: string }[]> {
  return at.must('developer', 'GET', `${PRODUCT}/merge_requests?source_branch=${BRANCH}&${query}`);
}

async function read(path: string, ref: string): Promise<string> {
  const answer = await at.must(
    'developer',
    'GET',
    `${PRODUCT}/repository/files/${path}?ref=${encodeURIComponent(ref)}`,
  );
  return Buffer.from(answer.content as string, 'base64').toString();
}

/** A version of the library, and the round that comes of it without its wait. */
async function release(message: string, tag: string): Promise<void> {
  const oid = await at.push(message);
  await at.until(tag, async () => (await at.tagged(tag)) === oid);
  await look();
}

async function look(): Promise<void> {
  await at.service.engine.signal([{ key: KEY, reason: 'the test' }]);
  await at.until('the look', async () => {
    const explained = await at.explain(KEY);
    return explained?.next?.running === false && explained.next.due_at === null;
  });
}

const verdict = async () => (await at.explain(KEY))?.decision?.verdict;

test('a new version is offered in one merge request, which the next version brings up to date in place', async () => {
  await set();
  await release('Keep alive', 'v1.4.3');
  const [first] = await at.until('the merge request', async () => {
    const open = await requests();
    return open.length > 0 && open;
  });
  expect(first?.title).toBe('Update lib-ssh to v1.4.3 (main)');
  expect(first?.description).toMatch(/^- `gitlab\.example\.com\/acme\/lib-ssh` `v1\.4\.2` → \[v1\.4\.3\]\(http/);
  expect(await read('go.mod', 'signalbox/libraries/main')).toContain(`require ${MODULE} v1.4.3\n`);
  const sum = await read('go.sum', 'signalbox/libraries/main');
  expect(sum).toMatch(new RegExp(`^${MODULE} v1\\.4\\.3 h1:\\S{44}\n${MODULE} v1\\.4\\.3/go\\.mod h1:\\S{44}\n$`));

  await release('Keep alive longer', 'v1.4.4');
  await at.until('the next version', async () => (await requests())[0]?.title === 'Update lib-ssh to v1.4.4 (main)');
  expect((await requests('state=all')).map(({ iid }) => iid)).toEqual([first?.iid]);
  expect(await read('go.mod', 'signalbox/libraries/main')).toContain(`require ${MODULE} v1.4.4\n`);
  const commits = await at.must('developer', 'GET', `${PRODUCT}/repository/compare?from=main&to=${BRANCH}`);
  expect(commits.commits).toHaveLength(1);

  await at.settled();
  await at.must('maintainer', 'PUT', `${PRODUCT}/merge_requests/${first?.iid}/merge`);
  await look();
  expect(await verdict()).toBe('up to date');
  expect(await read('go.mod', 'main')).toContain(`require ${MODULE} v1.4.4\n`);
});

test('what people closed stays closed until there is something new; what they work on is left alone', async () => {
  await set();
  await release('Keep alive', 'v1.4.3');
  const first = await at.until('the merge request', async () => (await requests())[0]);
  await at.must('maintainer', 'PUT', `${PRODUCT}/merge_requests/${first.iid}`, { state_event: 'close' });
  await look();
  expect(await verdict()).toBe('declined');
  expect(await requests()).toEqual([]);
  await release('Keep alive longer', 'v1.4.4');
  const second = await at.until('the second one', async () => (await requests())[0]);
  expect(second.iid).not.toBe(first.iid);
  await commit('signalbox/libraries/main', { 'fix.go': 'package appliance\n' });
  await release('Keep alive for ever', 'v1.4.5');
  expect(await verdict()).toBe('in other hands');
  expect(await read('go.mod', 'signalbox/libraries/main')).toContain(`require ${MODULE} v1.4.4\n`);
});

test('what came in by another way is proposed no longer', async () => {
  await set();
  await release('Keep alive', 'v1.4.3');
  const { iid } = await at.until('the merge request', async () => (await requests())[0]);
  const goMod = (await read('go.mod', 'main')).replace('v1.4.2', 'v1.4.3');
  await commit('main', { 'go.mod': goMod }, 'update');
  await look();
  await at.until('it is closed', async () => (await requests('state=closed'))[0]?.iid === iid);
  expect(await verdict()).toBe('up to date');
});

test('a release branch takes patches of its own minor, a pinned line nothing', async () => {
  const goMod = `module x\n\nrequire ${MODULE} v1.4.1 // pinned\n`;
  await set(goMod);
  await commit('release/5.4', { 'go.mod': `module x\n\nrequire ${MODULE} v1.3.0\n` }, 'update');
  await at.must('maintainer', 'POST', '/projects/acme%2Flib-ssh/repository/branches', {
    branch: 'release/1.3',
    ref: 'v1.3.0',
  });
  await at.quiet();
  await at.git('fetch', '--quiet', 'origin');
  await at.git('checkout', '--quiet', '-B', 'release/1.3', 'v1.3.0');
  const oid = await at.push('Fix it in 1.3', 'release/1.3');
  await at.until('v1.3.1', async () => (await at.tagged('v1.3.1')) === oid);
  await at.service.engine.signal([{ key: 'library-consumers:acme/appliance', reason: 'the test' }]);
  const explained = await at.until('the look at 5.4', async () => {
    const now = await at.explain('library-consumer:acme/appliance@release/5.4');
    return now?.decision?.verdict.startsWith('to be proposed') && now;
  });
  expect(explained.decision?.because).toEqual([`${MODULE} is v1.3.0 here, and could be v1.3.1.`]);
  expect(await verdict()).toBe('up to date');
});

const faults = [{ reset: 'after' }, { commit_then: 502 }, { reset: 'before' }];
test.each(faults)('%j on the commit and on the merge request: one of each', async fault => {
  await set();
  await at.faults(
    { match: { method: 'POST', path: '/projects/:id/repository/commits' }, times: 1, fault },
    { match: { method: 'POST', path: '/projects/:id/merge_requests' }, times: 1, fault },
  );
  await at.push('Keep alive');
  await at.until('v1.4.3', () => at.tagged('v1.4.3'));
  await at.service.engine.signal([{ key: KEY, reason: 'the test' }]);
  const done = async (effect: string) => {
    const { effects } = (await at.explain(KEY)) ?? { effects: [] };
    return effects.some(({ name, state }) => name.startsWith(effect) && state === 'done');
  };
  await at.until('the commit', () => done('commit:'));
  await at.until('the merge request', () => done('open:'));
  expect(await requests('state=all')).toHaveLength(1);
});
