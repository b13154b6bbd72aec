import { describe, expect, it } from 'vitest';
import { createTag } from './create-tag.ts';
import { hideSecrets } from './hide-secrets.ts';
import { listRefs } from './list-refs.ts';
import { describeRemote, type Remote } from './remote.ts';
import { sendBySocket } from './send-by-socket.ts';
import { importHistory } from './testing/import-history.ts';
import type { ServeOptions } from './testing/serve-repository.ts';
import { withServed } from './testing/with-served.ts';

const TOKEN = 'glpat-Sëcret+/=%41';
const BASIC = Buffer.from(`oauth2:${TOKEN}`).toString('base64');
const CREDENTIALS = { user: 'oauth2', token: TOKEN };

/** What either sender makes of a server that behaves so, for a read and for a push. */
async function failures(intercept: NonNullable<ServeOptions['intercept']>, timeout = 30_000): Promise<unknown[]> {
  const errors: unknown[] = [];
  await withServed(
    async ({ repository, remote }) => {
      const [commit] = importHistory(repository, [{ parents: [] }]);
      for (const send of [remote.send, sendBySocket]) {
        const used = { ...remote, send };
        errors.push(await read(used).catch((error: unknown) => error));
        const tag = { commit: commit!, name: 'v1.0.0', tagger: { name: 'A', email: 'a', seconds: 1 }, message: 'x\n' };
        errors.push(await createTag(used, tag).catch((error: unknown) => error));
      }
    },
    { serve: { intercept }, remote: { credentials: CREDENTIALS, timeout } },
  );
  for (const error of errors) expectNoSecret(error);
  return errors;
}

function read(remote: Remote): Promise<unknown> {
  return listRefs(remote, { prefixes: ['refs/tags/'] });
}

function expectNoSecret(error: unknown): void {
  const { message, stack, cause } = error as Error;
  const shown = `${message} ${stack} ${JSON.stringify(error)} ${String(cause)}`;
  for (const secret of [TOKEN, BASIC, encodeURIComponent(TOKEN)]) expect(shown).not.toContain(secret);
}

const code = (name: string, remoteStatus?: number): unknown =>
  expect.objectContaining({ code: name, ...(remoteStatus ? { remoteStatus } : {}) });

describe('a git exchange', () => {
  it('authenticates by a header, also when the URL carries the credentials', async () => {
    await withServed(
      async ({ repository, remote, served }) => {
        importHistory(repository, [{ parents: [] }], [{ name: 'v1.0.0', at: 0 }]);
        expect(await read(remote)).toHaveLength(1);
        const url = served.url.replace('://', `://oauth2:${encodeURIComponent(TOKEN)}@`);
        const fromUrl = describeRemote({ url });
        expect(fromUrl.url).toBe(served.url);
        expect(await read(fromUrl)).toHaveLength(1);
        const wrong = await read(describeRemote({ url: served.url })).catch((error: unknown) => error);
        expect(wrong).toEqual(code('SBX_REMOTE_REFUSED', 401));
      },
      { serve: { authorization: `Basic ${BASIC}` }, remote: { credentials: CREDENTIALS } },
    );
  });

  it.each([401, 403, 404])('reports %i with what the server says, without the token it repeats', async status => {
    const errors = await failures((request, response) => {
      response.writeHead(status).end(`<p>no, ${request.headers.authorization} with ${TOKEN}</p>`);
      return true;
    });
    expect(errors).toEqual(Array(4).fill(code('SBX_REMOTE_REFUSED', status)));
    expect((errors[0] as Error).message).toContain(`${status} no, Basic *** with ***`);
  });

  it('takes 5xx for trouble when reading, and for an open question when pushing', async () => {
    const errors = await failures((_request, response) => {
      response.writeHead(502).end('Bad Gateway');
      return true;
    });
    const pair = [code('SBX_REMOTE_UNAVAILABLE', 502), code('SBX_REMOTE_UNCERTAIN', 502)];
    expect(errors).toEqual([...pair, ...pair]);
  });

  it('waits as long as a 429 asks for', async () => {
    const errors = await failures((_request, response) => {
      response.writeHead(429, { 'retry-after': '120' }).end();
      return true;
    });
    expect(errors).toEqual(Array(4).fill(code('SBX_REMOTE_THROTTLED', 429)));
    const { retryAt } = errors[0] as { retryAt: number };
    expect(Math.abs(retryAt - Date.now() - 120_000)).toBeLessThan(30_000);
  });

  it('follows no redirect, so that no other host gets the token', async () => {
    const errors = await failures((_request, response) => {
      response.writeHead(301, { location: `http://u:${encodeURIComponent(TOKEN)}@127.0.0.1:1/elsewhere.git` }).end();
      return true;
    });
    expect(errors).toEqual(Array(4).fill(code('SBX_REMOTE_REFUSED', 301)));
    expect((errors[0] as Error).message).toContain('it has moved to http://127.0.0.1:1/elsewhere.git');
  });

  it('takes a sign-in page for what it is', async () => {
    const errors = await failures((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
      return true;
    });
    const pair = [code('SBX_REMOTE_UNEXPECTED'), code('SBX_REMOTE_UNCERTAIN')];
    expect(errors).toEqual([...pair, ...pair]);
  });

  it('gives up a server that does not answer, or does not end', async () => {
    const silent = await failures(() => true, 300);
    const endless = await failures((request, response) => {
      const service = request.url?.includes('receive') ? 'receive' : 'upload';
      response.writeHead(200, { 'content-type': `application/x-git-${service}-pack-result` });
      response.write('00');
      return true;
    }, 300);
    const pair = [code('SBX_REMOTE_UNREACHABLE'), code('SBX_REMOTE_UNCERTAIN')];
    expect(silent).toEqual([...pair, ...pair]);
    expect(endless).toEqual([...pair, ...pair]);
    expect((silent[0] as Error).message).toContain('no answer within 300 ms');
  });

  it('does not know what became of a push whose answer was lost, though it was made', async () => {
    await withServed(
      async ({ repository, remote }) => {
        const [commit] = importHistory(repository, [{ parents: [] }]);
        const tag = { commit: commit!, name: 'v1.0.0', tagger: { name: 'A', email: 'a', seconds: 1 }, message: 'x\n' };
        await expect(createTag(remote, tag)).rejects.toEqual(code('SBX_REMOTE_UNCERTAIN'));
        const [made] = await listRefs(remote, { prefixes: ['refs/tags/v1.0.0'] });
        expect(made?.peeled).toBe(commit);
      },
      {
        serve: {
          intercept: (request, response, forward) => {
            if (!request.url?.includes('receive-pack')) return false;
            // The answer is git's own, but it never leaves: the connection dies after the tag was created.
            response.end = (() => response) as typeof response.end;
            response.write = (() => true) as typeof response.write;
            void forward().then(() => request.socket.destroy());
            return true;
          },
        },
      },
    );
  });

  it('says that nothing was sent when nobody listens', async () => {
    for (const send of [undefined, sendBySocket]) {
      const remote = describeRemote({
        url: 'http://127.0.0.1:1/x.git',
        credentials: CREDENTIALS,
        ...(send ? { send } : {}),
      });
      const tag = { commit: '1'.repeat(40), name: 'v1', tagger: { name: 'A', email: 'a', seconds: 1 }, message: 'x\n' };
      await expect(createTag(remote, tag)).rejects.toEqual(code('SBX_REMOTE_UNREACHABLE'));
    }
  });

  it('can be stopped from outside', async () => {
    await withServed(
      async ({ remote }) => {
        const stop = new AbortController();
        const reading = listRefs(remote, { prefixes: ['refs/'], signal: stop.signal });
        stop.abort(new Error('enough'));
        await expect(reading).rejects.toThrow('enough');
      },
      { serve: { intercept: () => true } },
    );
  });
});

describe('describeRemote', () => {
  it.each(['git@gitlab.example.com:a/b.git', 'file:///tmp/x', 'ssh://git@host/x', ''])('refuses %j', url => {
    expect(() => describeRemote({ url })).toThrow(TypeError);
  });
});

describe('hideSecrets', () => {
  it('changes nothing without a secret', () => {
    expect(hideSecrets({ authorization: null }, 'text')).toBe('text');
  });
});
