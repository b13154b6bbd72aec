import { describe, expect, it } from 'vitest';
import { describeRemote } from '../../../git-protocol/remote.ts';
import type { HttpExchange, Send } from '../../../git-protocol/send.ts';
import type { TagContent } from '../../../git-protocol/tag-object.ts';
import type { GitLabAccess, Token } from './gitlab-call.ts';
import { planWays, type WayResult } from './ways.ts';

const COMMIT = 'c'.repeat(40);
const SECRET = 'glpat-secret';
const TAG: TagContent = {
  commit: COMMIT,
  name: 'v1.2.4',
  tagger: { name: 'Ada', email: 'ada@example.com', seconds: 1 },
  message: 'Fix\n',
};

/** Answers every request alike, and keeps what was sent. */
function answering(status: number, body: unknown): { send: Send; sent: HttpExchange[] } {
  const sent: HttpExchange[] = [];
  const send: Send = async exchange => {
    sent.push(exchange);
    return {
      status,
      headers: {},
      body: (async function* () {
        yield Buffer.from(JSON.stringify(body));
      })(),
    };
  };
  return { send, sent };
}

async function create(
  kind: Token['kind'],
  name: string,
  status: number,
  body: unknown,
): Promise<{ result: WayResult; sent: HttpExchange[] }> {
  const { send, sent } = answering(status, body);
  const api: GitLabAccess = {
    apiUrl: 'http://gitlab.test/api/v4',
    project: 'acme/lib',
    token: { secret: SECRET, kind },
    send,
    timeout: 1000,
  };
  const push = describeRemote({ url: 'http://gitlab.test/acme/lib.git', send });
  const way = planWays({ secret: SECRET, kind }, { push, api }).find(each => each.name === name);
  return { result: await way!.create(TAG), sent };
}

describe('planWays', () => {
  it.each([
    ['job', ['push', 'releases']],
    ['access', ['push', 'tags']],
    ['none', ['push']],
  ] as const)('gives a %s token %j', (kind, expected) => {
    const { send } = answering(200, {});
    const api = { apiUrl: '', project: '', token: { secret: '', kind }, send, timeout: 1 };
    const push = describeRemote({ url: 'http://gitlab.test/x.git', send });
    expect(planWays({ secret: '', kind }, { push, api }).map(way => way.name)).toEqual(expected);
    expect(planWays({ secret: '', kind }, { push, api }, ['push']).map(way => way.name)).toEqual(['push']);
    expect(planWays({ secret: '', kind }, { push, api: null }).map(way => way.name)).toEqual(['push']);
  });
});

describe('the Releases API', () => {
  it('counts as created only when the release is of our commit', async () => {
    const own = await create('job', 'releases', 201, { commit: { id: COMMIT } });
    expect(own.result).toEqual({ outcome: 'created', oid: null });
    const other = await create('job', 'releases', 201, { commit: { id: 'd'.repeat(40) } });
    expect(other.result).toMatchObject({ outcome: 'taken', words: expect.stringContaining('dddd') });
    expect(own.sent[0]).toMatchObject({
      method: 'POST',
      url: 'http://gitlab.test/api/v4/projects/acme%2Flib/releases',
      headers: { 'job-token': SECRET },
    });
    expect(JSON.parse(String(own.sent[0]?.body))).toMatchObject({ ref: COMMIT, tag_message: 'Fix\n' });
  });
});

describe('refusals', () => {
  it.each([
    [400, { message: 'Tag v1.2.4 already exists' }, 'taken'],
    [405, { message: 'Tag v1.2.4 already exists' }, 'taken'],
    [409, { message: 'Release already exists' }, 'taken'],
    [400, { message: 'Target x is invalid' }, 'failed'],
    [401, { message: '401 Unauthorized' }, 'not-allowed'],
    [403, { error: 'insufficient_scope', error_description: 'The request requires higher privileges' }, 'not-allowed'],
    [404, { message: '404 Project Not Found' }, 'not-allowed'],
    [403, { message: 'You are not allowed to create this tag as it is protected.' }, 'forbidden'],
  ])('reads %i %j as %s', async (status, body, outcome) => {
    expect((await create('access', 'tags', status, body)).result).toMatchObject({ outcome, status });
  });

  it.each([502, 503])('leaves the fate open after %i', async status => {
    await expect(create('access', 'tags', status, {})).rejects.toMatchObject({ code: 'SBX_REMOTE_UNCERTAIN' });
  });

  it('has no token in its words, should the server echo it', async () => {
    const { result } = await create('access', 'tags', 403, { message: `no rights for ${SECRET}` });
    expect(result).toMatchObject({ words: 'no rights for ***' });
  });
});
