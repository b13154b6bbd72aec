import { Gitlab } from '@gitbeaker/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { haveSchemas } from './schemas.ts';
import { validateAnswer } from './validate-answer.ts';

let sandbox: Sandbox;
let gitlab: InstanceType<typeof Gitlab>;
let project: number;
const faults: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    onAnswer: ({ method, path, query, status, body }) => {
      if (haveSchemas) faults.push(...(validateAnswer(method, path + query, status, body) ?? []));
    },
  });
  gitlab = new Gitlab({ host: sandbox.gitlab.url, token: 'glpat-sandbox-admin' });
  const made = await gitlab.Projects.create({ name: 'beaker', initializeWithReadme: true });
  project = made.id;
});
afterAll(() => sandbox.close());

/** The status and message gitbeaker reports of a call that must fail. */
async function refusal(call: Promise<unknown>): Promise<[number, string]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown as { cause: { response: Response; description: string } },
  );
  if (error === null) throw new Error('the call was not refused');
  return [error.cause.response.status, error.cause.description];
}

async function newMergeRequest(branch: string): Promise<number> {
  await gitlab.Branches.create(project, branch, 'main');
  await gitlab.RepositoryFiles.create(project, `${branch}.txt`, branch, 'text\n', `Add ${branch}`);
  const made = await gitlab.MergeRequests.create(project, branch, 'main', `Bring ${branch}`);
  await sandbox.settled();
  return made.iid;
}

describe('@gitbeaker/rest, a client nobody here wrote', () => {
  it('reads and changes projects and members', async () => {
    const shown = await gitlab.Projects.show('root/beaker');
    expect(shown).toMatchObject({ id: project, default_branch: 'main', visibility: 'private' });
    expect(await gitlab.Projects.edit(project, { description: 'changed' })).toMatchObject({ description: 'changed' });
    const found = await gitlab.Projects.search('beaker');
    expect(found.map(one => one.id)).toEqual([project]);
    const [stranger] = await gitlab.Users.all({ username: 'stranger' });
    await gitlab.ProjectMembers.add(project, 30, { userId: stranger!.id });
    await gitlab.ProjectMembers.edit(project, stranger!.id, 20);
    expect(await gitlab.ProjectMembers.show(project, stranger!.id)).toMatchObject({ access_level: 20 });
    const everybody = await gitlab.ProjectMembers.all(project, { includeInherited: true });
    expect(everybody.map(member => member.username)).toContain('stranger');
    await gitlab.ProjectMembers.remove(project, stranger!.id);
    expect(await refusal(gitlab.Projects.show('no/such'))).toEqual([404, '404 Project Not Found']);
  });

  it('works with files, commits, branches and tags', async () => {
    const path = 'dir/odd #%é.txt';
    await gitlab.RepositoryFiles.create(project, path, 'main', 'one\n', 'Add odd');
    await gitlab.RepositoryFiles.edit(project, path, 'main', 'two\n', 'Change odd');
    expect(await gitlab.RepositoryFiles.showRaw(project, path, 'main')).toBe('two\n');
    const file = await gitlab.RepositoryFiles.show(project, path, 'main');
    expect(Buffer.from(file.content, 'base64').toString()).toBe('two\n');
    const commits = await gitlab.Commits.all(project, { refName: 'main' });
    expect(commits.slice(0, 2).map(commit => commit.title)).toEqual(['Change odd', 'Add odd']);
    expect((await gitlab.Commits.showDiff(project, commits[0]!.id))[0]?.diff).toContain('+two');
    const made = await gitlab.Commits.create(
      project,
      'topic',
      'Two at once',
      [
        { action: 'create', filePath: 'x', content: 'x' },
        { action: 'delete', filePath: path },
      ],
      { startBranch: 'main' },
    );
    expect(await gitlab.Commits.allReferences(project, made.id, { type: 'branch' })).toEqual([
      { type: 'branch', name: 'topic' },
    ]);
    expect((await gitlab.Branches.all(project)).map(branch => branch.name)).toEqual(['main', 'topic']);
    await gitlab.Tags.create(project, 'v1.0.0', 'main', { message: 'One' });
    expect(await gitlab.Tags.show(project, 'v1.0.0')).toMatchObject({ message: 'One', commit: { id: commits[0]!.id } });
    expect(await refusal(gitlab.Tags.create(project, 'v1.0.0', 'main'))).toEqual([400, 'Tag v1.0.0 already exists']);
    await gitlab.Branches.remove(project, 'topic');
    expect(await refusal(gitlab.Branches.show(project, 'topic'))).toEqual([404, '404 Branch Not Found']);
    expect((await gitlab.Repositories.mergeBase(project, ['v1.0.0', 'main'])).id).toBe(commits[0]!.id);
    const release = await gitlab.ProjectReleases.create(project, {
      tag_name: 'v1.0.0',
      tagName: 'v1.0.0',
      description: 'd',
    });
    expect(release).toMatchObject({ tag_name: 'v1.0.0', name: 'v1.0.0' });
    expect((await gitlab.ProjectReleases.all(project)).map(one => one.tag_name)).toEqual(['v1.0.0']);
  });

  it('works with issues, notes, labels and boards', async () => {
    const doing = await gitlab.ProjectLabels.create(project, 'doing', '#112233');
    const issue = await gitlab.Issues.create(project, 'An issue', { labels: 'doing', description: 'text' });
    await gitlab.Issues.edit(project, issue.iid, { addLabels: 'extra', removeLabels: 'doing' });
    expect(await gitlab.Issues.show(issue.iid, { projectId: project })).toMatchObject({
      labels: ['extra'],
      state: 'opened',
    });
    const events = await gitlab.IssueLabelEvents.all(project, issue.iid);
    expect(events.map(event => [event.action, event.label.name])).toEqual([
      ['add', 'doing'],
      ['add', 'extra'],
      ['remove', 'doing'],
    ]);
    const note = await gitlab.IssueNotes.create(project, issue.iid, 'a note');
    await gitlab.IssueNotes.edit(project, issue.iid, note.id, { body: 'edited' });
    const bodies = (await gitlab.IssueNotes.all(project, issue.iid)).filter(one => !one.system).map(one => one.body);
    expect(bodies).toEqual(['edited']);
    await gitlab.IssueNotes.remove(project, issue.iid, note.id);
    const board = await gitlab.ProjectIssueBoards.create(project, 'flow');
    await gitlab.ProjectIssueBoards.createList(project, board.id, { labelId: doing.id });
    expect((await gitlab.ProjectIssueBoards.allLists(project, board.id)).map(list => list.label.name)).toEqual([
      'doing',
    ]);
    await gitlab.Issues.edit(project, issue.iid, { stateEvent: 'close' });
    expect((await gitlab.Issues.all({ projectId: project, state: 'closed' })).map(one => one.iid)).toEqual([issue.iid]);
    expect(await refusal(gitlab.Issues.show(4711, { projectId: project }))).toEqual([404, '404 Not found']);
  });

  it('opens, discusses and merges a merge request', async () => {
    const iid = await newMergeRequest('reviewed');
    await gitlab.Projects.edit(project, { onlyAllowMergeIfAllDiscussionsAreResolved: true });
    const thread = await gitlab.MergeRequestDiscussions.create(project, iid, 'please look');
    expect(thread.notes?.[0]).toMatchObject({ resolvable: true, resolved: false });
    await gitlab.MergeRequestDiscussions.addNote(project, iid, thread.id, 'looked');
    expect(await refusal(gitlab.MergeRequests.merge(project, iid))).toEqual([405, '405 Method Not Allowed']);
    await gitlab.MergeRequestDiscussions.resolve(project, iid, thread.id, true);
    const shown = await gitlab.MergeRequestDiscussions.show(project, iid, thread.id);
    expect((shown.notes as unknown as { resolved: boolean }[]).map(note => note.resolved)).toEqual([true, true]);
    await gitlab.MergeRequestNotes.create(project, iid, 'ready');
    await gitlab.MergeRequests.edit(project, iid, { addLabels: 'merged-by-beaker' });
    expect((await gitlab.MergeRequests.allCommits(project, iid)).map(commit => commit.title)).toEqual(['Add reviewed']);
    expect((await gitlab.MergeRequests.allDiffs(project, iid)).map(diff => diff.new_path)).toEqual(['reviewed.txt']);
    const merged = await gitlab.MergeRequests.merge(project, iid, { shouldRemoveSourceBranch: true });
    expect(merged).toMatchObject({ state: 'merged', labels: ['merged-by-beaker'] });
    await sandbox.settled();
    expect((await gitlab.Branches.all(project)).map(branch => branch.name)).not.toContain('reviewed');
  });

  it('manages hooks and uploads', async () => {
    const hook = await gitlab.ProjectHooks.add(project, 'http://127.0.0.1:1/hook', { mergeRequestsEvents: true });
    await gitlab.ProjectHooks.edit(project, hook.id, 'http://127.0.0.1:1/other', { issuesEvents: true });
    expect(await gitlab.ProjectHooks.show(project, hook.id)).toMatchObject({
      url: 'http://127.0.0.1:1/other',
      issues_events: true,
    });
    await gitlab.ProjectHooks.remove(project, hook.id);
    expect(await gitlab.ProjectHooks.all(project)).toEqual([]);
    const file = { content: new Blob(['hello']), filename: 'hello.txt' };
    const upload = await gitlab.Projects.uploadForReference(project, file);
    expect(upload).toMatchObject({
      alt: 'hello.txt',
      url: expect.stringMatching(/^\/uploads\/[0-9a-f]{32}\/hello.txt$/),
    });
  });

  it('follows offset and keyset pages to the end', async () => {
    for (let number = 0; number < 7; number += 1) await gitlab.ProjectLabels.create(project, `p${number}`, '#010203');
    const labels = await gitlab.ProjectLabels.all(project, { perPage: 2 });
    expect(labels.filter(label => /^p\d$/.test(label.name))).toHaveLength(7);
    const page = await gitlab.ProjectLabels.all(project, { perPage: 3, page: 2, showExpanded: true });
    expect(page.paginationInfo).toMatchObject({ current: 2, next: 3, previous: 1, perPage: 3 });
    const everything = await gitlab.Projects.all({ perPage: 2, maxPages: 50 });
    const keyset = await gitlab.Projects.all({ pagination: 'keyset', orderBy: 'id', sort: 'asc', perPage: 1 });
    expect(keyset.map(one => one.id)).toEqual(everything.map(one => one.id).sort((a, b) => a - b));
  });

  it('gets only answers that have the shape of GitLab’s own schemas', () => {
    expect(faults).toEqual([]);
  });
});
