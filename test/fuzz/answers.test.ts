import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { SignalboxError } from '../../src/errors.ts';
import { createFreshdesk, type Freshdesk } from '../../src/freshdesk/client/create-freshdesk.ts';
import { createGitLab, type GitLab } from '../../src/gitlab/client/create-gitlab.ts';
import { GitLabApi } from '../../src/gitlab/client/gitlab-api.ts';
import { fuzz, fuzzJson } from './fuzz.ts';

/** GitLab and Freshdesk as one server that answers whatever it is told to, to every question. */
let answer: { status: number; headers: Record<string, string>; body: Buffer };
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
    // The second page is the last.
    delete answer.headers['link'];
  });
});
let api: GitLabApi;
let gitlab: GitLab;
let freshdesk: Freshdesk;
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gitlab = createGitLab({ url, token: 'glpat-of-the-fuzz-tests' });
  api = new GitLabApi({ url, token: 'glpat-of-the-fuzz-tests' });
  freshdesk = createFreshdesk({ url, apiKey: 'key-of-the-fuzz-tests', share: 1, now: Date.now });
});
afterAll(async () => {
  await Promise.all([api.close(), gitlab.close(), freshdesk.close()]);
  server.closeAllConnections();
  server.close();
});

const user = { id: 7, username: 'developer', name: 'D', bot: false };
const note = {
  id: 1,
  type: 'DiscussionNote',
  body: 'b',
  author: user,
  system: false,
  resolvable: true,
  resolved: false,
  created_at: 't',
  updated_at: 't',
};
const mergeRequest = {
  id: 1,
  iid: 12,
  project_id: 1,
  title: 'T',
  description: null,
  state: 'opened',
  draft: false,
  source_branch: 'a',
  target_branch: 'b',
  source_project_id: 1,
  target_project_id: 1,
  sha: 's',
  author: user,
  labels: ['x'],
  web_url: 'https://x/',
  updated_at: 't',
  diff_refs: { base_sha: 'a', head_sha: 'b', start_sha: 'c' },
};
const issue = {
  ...mergeRequest,
  assignees: [user],
  milestone: null,
  confidential: false,
  due_date: null,
  closed_at: null,
  created_at: 't',
};
const project = {
  id: 1,
  path_with_namespace: 'acme/appliance',
  web_url: 'https://x/',
  default_branch: 'main',
  permissions: { project_access: { access_level: 30 } },
};
const attachment = { id: 1, name: 'a', size: 1, content_type: 'text/plain', attachment_url: 'https://x/' };
const ticket = {
  id: 101,
  subject: 's',
  description: '<p>',
  description_text: 't',
  status: 2,
  priority: 1,
  source: 1,
  tags: ['a'],
  custom_fields: { a: 1 },
  requester_id: 1,
  created_at: '2026-11-23T10:00:00Z',
  updated_at: '2026-11-23T10:00:00Z',
  attachments: [attachment],
  requester: { id: 1, name: 'n' },
};
const conversation = {
  id: 1,
  body: '<p>',
  body_text: 't',
  incoming: true,
  private: false,
  user_id: 1,
  source: 0,
  attachments: [attachment],
  created_at: 't',
  updated_at: 't',
};
const ROWS: readonly unknown[] = [
  user,
  note,
  mergeRequest,
  issue,
  project,
  ticket,
  conversation,
  { id: 'd', individual_note: false, notes: [note] },
  { name: 'main', commit: { id: 'a' }, protected: true, target: 'a', message: null },
  { name: 't', scopes: ['api'], expires_at: null, active: true },
  { id: 1, ticket_scope: 1, contact: { name: 'n', email: 'e' } },
  { url: '/uploads/0/a', full_path: '/x', id: 1, markdown: 'm' },
];

/** Every call that reads, and some that write; each comes to an end of its own. */
async function askAll(): Promise<void> {
  const P = 'acme/appliance';
  const calls: (() => Promise<unknown>)[] = [
    () => gitlab.me(),
    () => gitlab.projects.find(P),
    () => gitlab.mergeRequests.find(P, 12),
    () => gitlab.mergeRequests.discussions(P, 12),
    () => gitlab.hooks.list(P),
    () => gitlab.projectsLike('acme/lib-*'),
    () => gitlab.uploads.create(P, { name: 'a', type: 'text/plain', size: 1, content: one() }),
    () => freshdesk.tickets.find(101),
    () => freshdesk.tickets.conversations(101, false),
    () => freshdesk.tickets.createNote(101, '<p>'),
    () => freshdesk.people.me(),
    () => freshdesk.ticketFields(),
  ];
  const ends = await Promise.allSettled(calls.map(call => call()));
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    const error = end.reason as unknown;
    if (!(error instanceof SignalboxError)) throw error;
    expect(error.code).toMatch(/^SBX_REMOTE_|^SBX_/);
    const own = error.detail.startsWith('Freshdesk') ? 'key-of-the-fuzz-tests' : 'glpat-of-the-fuzz-tests';
    expect(error.detail).not.toContain(own);
    expect(error.detail.length).toBeLessThan(1500);
  }
}

async function* one(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

fuzzJson("answers of GitLab's and Freshdesk's", {
  corpus: [...ROWS, ...ROWS.map(row => [row, row])],
  share: 0.4,
  parse: async value => {
    answer = {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(value) ?? ''),
    };
    await askAll();
  },
});

fuzz('answers that are no JSON, refusals among them', {
  corpus: [
    JSON.stringify([user]),
    '{"message":{"base":["no glpat-of-the-fuzz-tests"]}}',
    '<html><b>502</b></html>',
    '',
  ].map(text => Buffer.from(text)),
  words: [
    '{"message":',
    '{"error":',
    '[',
    '<',
    '\0',
    'glpat-of-the-fuzz-tests',
    Buffer.from('key-of-the-fuzz-tests:X').toString('base64'),
  ],
  share: 0.2,
  parse: async body => {
    // Statuses that are repeated after a pause would only take their time.
    answer = {
      status: [200, 201, 400, 403, 404, 422][body.length % 6]!,
      headers: { 'content-type': 'application/json' },
      body,
    };
    await askAll();
  },
});

fuzz('links to the next page', {
  corpus: [
    '<http://127.0.0.1/api/v4/x?page=2>; rel="next", <http://x/>; rel="last"',
    '<http://[::1>; rel=next',
    '</api/v4/projects>; rel="next"',
  ].map(text => Buffer.from(text)),
  words: ['<', '>', '; rel="next"', 'http://169.254.169.254/', '//evil.example/', '\\', '@', ':99999', '..', '%'],
  share: 0.4,
  parse: async bytes => {
    const link = bytes.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '');
    answer = { status: 200, headers: { 'content-type': 'application/json', link }, body: Buffer.from('[]') };
    for await (const page of api.pages(z.unknown(), '/projects')) expect(page).toEqual([]);
  },
});
