import { describe, expect, it } from 'vitest';
import { createGitLab, type GitLab } from '../../src/gitlab/client/create-gitlab.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { person } from '../support/sandbox-client.ts';
import { hasOpenApi, requestCheck } from './openapi.ts';

if (!hasOpenApi)
  console.warn('GitLab’s OpenAPI description is not here: the requests of the client were NOT checked against it');

const PROJECT = 'acme/appliance';
const LIBRARY = 'acme/lib-ssh';

/** Every call of the client, once, as the automations make it. */
async function callEverything(gitlab: GitLab, ops: GitLab, iid: number, hook: number): Promise<void> {
  const { mergeRequests, projects, repository } = gitlab;
  const me = await gitlab.me();
  await projects.version();
  await projects.token();
  await projects.find(PROJECT);
  await projects.accessLevel(PROJECT, me.id);
  const mergeRequest = await mergeRequests.find(PROJECT, iid);
  const head = mergeRequest?.sha ?? '';
  await mergeRequests.list(PROJECT, { state: 'opened', target_branch: 'release/5.3' });
  await mergeRequests.list(PROJECT, { state: 'all', updated_after: new Date(0).toISOString() });
  await mergeRequests.changedPaths(PROJECT, iid);
  const thread = await mergeRequests.startDiscussion(PROJECT, iid, 'a thread', { chain: 'c1' });
  await mergeRequests.discussions(PROJECT, iid);
  await mergeRequests.reply(PROJECT, iid, thread.id, 'a reply');
  await mergeRequests.setResolved(PROJECT, iid, thread.id, true);
  await mergeRequests.editNote(PROJECT, iid, thread.id, thread.notes[0]?.id ?? 0, 'edited');
  await mergeRequests.createNote(PROJECT, iid, 'a note');
  const main = await repository.findBranch(PROJECT, 'main');
  await repository.findBranch(PROJECT, 'release/5.3');
  await repository.readFile(PROJECT, 'VERSION', head);
  await repository.mergeBase(PROJECT, head, main?.commit.id ?? '');
  await repository.newestTags(PROJECT, 20);
  const status = {
    state: 'success',
    name: 'check',
    description: 'fine',
    target_url: 'http://127.0.0.1/',
    ref: 'main',
  } as const;
  await projects.setCommitStatus(PROJECT, head, status);
  await projects.commitStatuses(PROJECT, head, 'check');
  await projects.statusChecks(PROJECT, iid);
  await mergeRequests.commits(PROJECT, iid, head);
  await mergeRequests.ofCommit(PROJECT, head);
  await callIssues(gitlab, iid);
  await gitlab.projectsLike('acme/lib-*');
  await gitlab.projectsLike(PROJECT);
  await gitlab.pushes.to(LIBRARY, 'main', Date.now());
  await gitlab.releases.find(LIBRARY, 'v1.4.2');
  await gitlab.releases.create(LIBRARY, { tag_name: 'v1.4.2', name: 'v1.4.2', description: 'notes' });
  const files = [{ action: 'create', file_path: 'proposed', content: 'text' }] as const;
  const change = { branch: 'proposed', start: main?.commit.id ?? '', message: 'A proposal', files };
  await gitlab.proposals.commit(PROJECT, change);
  const text = { title: 'A proposal', description: 'of something' };
  const proposal = await gitlab.proposals.open(PROJECT, { source_branch: 'proposed', target_branch: 'main', ...text });
  await gitlab.proposals.edit(PROJECT, proposal.iid, text);
  await gitlab.proposals.close(PROJECT, proposal.iid);
  await gitlab.issues.notes(PROJECT, 1);
  await gitlab.issues.createNote(PROJECT, 1, 'a note');
  await callIssueTexts(gitlab);
  await ops.hooks.list(PROJECT);
  await ops.hooks.failedEvents(PROJECT, hook, null);
  const made = await ops.hooks.create(PROJECT, { url: 'http://127.0.0.1:9/', token: 'x', note_events: true });
  await ops.hooks.edit(PROJECT, made, { push_events: true });
  await ops.projects.holdMergesByThreads(PROJECT);
  await projects.groupExists('acme');
  const board = await gitlab.boards.create(PROJECT, 'Another');
  const [label] = await gitlab.boards.labels(PROJECT);
  const list = await gitlab.boards.createList(PROJECT, board.id, label?.id ?? 0);
  await gitlab.boards.moveList(PROJECT, board.id, list.id, 0);
  await ops.hooks.test(PROJECT, hook, 'push_events');
}

/**
 * GitLab pages these lists like any other (`paginate` in lib/api/issues.rb), but does not declare the parameters. Of a new commit
 * it declares what its proxy makes of the body, and not the body itself, which doc/api/commits.md has.
 */
const UNDECLARED = [
  'GET /api/v4/projects/{id}/issues/{issue_iid}/related_merge_requests: no query parameter per_page',
  ...['branch', 'start_sha', 'force', 'commit_message', 'actions'].map(
    field => `POST /api/v4/projects/{id}/repository/commits: no body field ${field}`,
  ),
  'GET /api/v4/projects/{id}/issues/{issue_iid}/closed_by: no query parameter per_page',
  // Of a project's settings it declares those that every edition has at creation; doc/api/projects.md has all.
  'PUT /api/v4/projects/{id}: no body field only_allow_merge_if_all_discussions_are_resolved',
];

/** The calls of the race issues. */
async function callIssueTexts({ issueTexts, issues, commits, me }: GitLab): Promise<void> {
  const { id: author_id } = await me();
  const text = { title: 'a race', description: 'a text' };
  const issue = await issueTexts.create(PROJECT, { ...text, labels: ['race condition'], confidential: true });
  await issueTexts.find(PROJECT, issue.iid);
  await issueTexts.list(PROJECT, { labels: 'race condition', author_id, state: 'all', order_by: 'created_at' });
  const note = await issues.createNote(PROJECT, issue.iid, 'a note');
  await issueTexts.editNote(PROJECT, issue.iid, note.id, 'another');
  await issueTexts.edit(PROJECT, issue.iid, { description: 'another', state_event: 'close' });
  await issueTexts.closedBy(PROJECT, issue.iid);
  const head = await commits.find(PROJECT, 'main');
  await commits.blame(PROJECT, 'VERSION', head?.id ?? 'main', 1);
}

/** The board's calls. */
async function callIssues({ issues, history }: GitLab, mergeRequest: number): Promise<void> {
  await issues.find(PROJECT, 1);
  await issues.list(PROJECT, { updated_after: new Date(0).toISOString() });
  await issues.labelEvents(PROJECT, 1);
  await issues.relatedMergeRequests(PROJECT, 1);
  await issues.findMergeRequest(PROJECT, mergeRequest);
  await issues.labelTitles(PROJECT);
  await issues.change(PROJECT, 1, { add: ['In Review'], remove: ['To Do'], reopen: true });
  for (const [kind, iid] of [['issues', 1] as const, ['merge_requests', mergeRequest] as const]) {
    await history.stateEvents(kind, PROJECT, iid);
    await history.systemNotes(kind, PROJECT, iid);
  }
}

describe('the GitLab client', () => {
  const title = hasOpenApi
    ? 'sends only what GitLab’s own description knows'
    : 'NOT CHECKED: shared/gitlab/openapi_v3.yaml is missing';

  it(title, { timeout: 120_000 }, async () => {
    if (!hasOpenApi) {
      expect(process.env['CI'], 'CI must have the shared reference data').toBeUndefined();
      return;
    }
    const sandbox = await startSandbox();
    const gitlab = createGitLab({ url: sandbox.gitlab.url, token: 'glpat-sandbox-bot' });
    const ops = createGitLab({ url: sandbox.gitlab.url, token: 'glpat-sandbox-admin' });
    try {
      const admin = person(sandbox.gitlab.url, 'admin');
      const hook = await admin.post('/projects/1/hooks', { url: `${sandbox.gitlab.url}/nowhere`, push_events: true });
      const merge = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share' };
      const opened = await admin.post('/projects/1/merge_requests', merge);
      await sandbox.settled();
      await fetch(`${sandbox.gitlab.url}/_sandbox/requests`, { method: 'DELETE' });
      // The test delivery goes nowhere: GitLab says so with an error, and it is the request that counts here.
      await callEverything(gitlab, ops, opened.body.iid, hook.body.id).catch((error: unknown) => {
        expect(String(error)).toContain('/test/push_events');
      });
      const log = (await (await fetch(`${sandbox.gitlab.url}/_sandbox/requests`)).json()) as
        | { method: string; url: string; body: unknown }[]
        | { requests: { method: string; url: string; body: unknown }[] };
      const requests = (Array.isArray(log) ? log : log.requests).filter(request => request.url.startsWith('/api/v4/'));
      expect(requests.length).toBeGreaterThan(25);
      const check = requestCheck();
      expect([...new Set(requests.flatMap(check))]).toEqual(UNDECLARED);
      // That the check can fail at all:
      const discussions = '/api/v4/projects/1/merge_requests/1/discussions';
      expect(check({ method: 'POST', url: discussions, body: { text: 'x' } })).not.toEqual([]);
      expect(check({ method: 'GET', url: `${discussions}?colour=red`, body: null })).not.toEqual([]);
      expect(check({ method: 'PATCH', url: discussions, body: null })).not.toEqual([]);
    } finally {
      await gitlab.close();
      await ops.close();
      await sandbox.close();
    }
  });
});
