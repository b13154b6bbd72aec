import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { gitEnvironment } from './git-environment.ts';
import { FLUSH_PKT, pktLine } from './pkt-line.ts';
import { type PushCommands, readPushCommands, refusal, withMessage } from './push-commands.ts';
import { storeOf } from './repository.ts';
import { spawnError } from './run-git.ts';
import { write } from './store.ts';
import type { RefUpdate, Repository } from './types.ts';

export interface GitRequest {
  service: '/info/refs' | '/git-upload-pack' | '/git-receive-pack';
  /** Who is signed in; null = nobody, who is asked to when pushing. Whether one may read is the caller's to decide. */
  userName: string | null;
  mayPush: boolean;
  /** A text refuses the whole push, the way GitLab's pre-receive check does. */
  preReceive?: ((updates: RefUpdate[], options: string[]) => string | null | Promise<string | null>) | undefined;
  /** After the push and its listeners; lines for the pusher's terminal ("remote: …"). */
  postReceive?: ((updates: RefUpdate[], options: string[]) => string | null | Promise<string | null>) | undefined;
}

/** Serves one request of git's smart HTTP protocol (gitprotocol-http(5)): clone, fetch, ls-remote, push. */
export async function serveGit(
  repository: Repository,
  request: IncomingMessage,
  response: ServerResponse,
  context: GitRequest,
): Promise<void> {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const name = context.service === '/info/refs' ? query.get('service') : context.service.slice(1);
  if (name !== 'git-upload-pack' && name !== 'git-receive-pack') {
    // The "dumb" protocol, which GitLab does not speak either.
    return refuse(request, response, 403, 'Please upgrade your git client to 1.7.10 or newer\n');
  }
  if (name === 'git-receive-pack' && !context.mayPush) {
    if (context.userName === null) response.setHeader('WWW-Authenticate', 'Basic realm="GitLab"');
    const status = context.userName === null ? 401 : 403;
    const text = status === 401 ? 'HTTP Basic: Access denied' : 'You are not allowed to push code to this project.';
    return refuse(request, response, status, `${text}\n`);
  }
  const method = context.service === '/info/refs' ? 'GET' : 'POST';
  if (request.method !== method) return refuse(request, response, 405, `${method} it\n`);
  response.setHeader('Cache-Control', 'no-cache, max-age=0, must-revalidate');
  if (context.service === '/info/refs') return advertise(repository, request, response, name);
  if (request.headers['content-type'] !== `application/x-${name}-request`) {
    return refuse(request, response, 415, `Expected application/x-${name}-request\n`);
  }
  const body = plainBody(request);
  if (name === 'git-upload-pack') return upload(repository, request, body, response);
  return receive(repository, body, response, context);
}

/** Answers without git; what the client is still sending is read to its end, or it would see a reset, not the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): Promise<void> {
  request.resume();
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  return finish(response, text);
}

/** Sends the rest of an answer; resolves when it is sent, or when there is nobody left to send it to. */
function finish(response: ServerResponse, rest: string | Buffer): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise(resolve => {
    response.once('close', resolve);
    response.end(rest, resolve);
  });
}

/** The body as git wrote it; a client that breaks off ends the unpacked stream too. */
function plainBody(request: IncomingMessage): Readable {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  const plain = createGunzip();
  void pipeline(request, plain).catch(() => {});
  return plain;
}

function startGit(repository: Repository, args: string[], protocol: string | undefined) {
  // Only what the protocol's own grammar allows goes into the environment.
  const isPlain = protocol !== undefined && /^[a-z0-9=:.-]{1,64}$/.test(protocol);
  const env = gitEnvironment(repository.path, isPlain ? { GIT_PROTOCOL: protocol } : {});
  const child = spawn('git', args, { env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.resume();
  child.stdin.on('error', () => {}); // git may have its answer before it has read everything
  return child;
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', error => reject(spawnError(error)));
    child.on('close', code => resolve(code ?? 1));
  });
}

async function advertise(
  repository: Repository,
  request: IncomingMessage,
  response: ServerResponse,
  name: 'git-upload-pack' | 'git-receive-pack',
): Promise<void> {
  // Pushing has no version 2: a client that offers it for a push is answered in version 0, as git-http-backend does.
  const protocol = name === 'git-upload-pack' ? protocolOf(request) : undefined;
  response.writeHead(200, { 'Content-Type': `application/x-${name}-advertisement` });
  if (!protocol?.includes('version=2')) response.write(Buffer.concat([pktLine(`# service=${name}\n`), FLUSH_PKT]));
  const args = [name.slice('git-'.length), '--stateless-rpc', '--http-backend-info-refs', repository.path];
  const child = startGit(repository, args, protocol);
  child.stdin.end();
  await stream(child, response);
}

async function upload(
  repository: Repository,
  request: IncomingMessage,
  body: Readable,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-result' });
  const child = startGit(repository, ['upload-pack', '--stateless-rpc', repository.path], protocolOf(request));
  body.on('error', () => child.kill());
  body.pipe(child.stdin);
  await stream(child, response);
}

/** Streams git's output as the answer; when the client goes away, git does not go on for nobody. */
async function stream(child: ReturnType<typeof startGit>, response: ServerResponse): Promise<void> {
  const end = ended(child);
  try {
    await pipeline(child.stdout, response);
  } catch {
    child.kill();
  }
  await end;
}

function protocolOf(request: IncomingMessage): string | undefined {
  const header = request.headers['git-protocol'];
  return Array.isArray(header) ? header.join(':') : header;
}

async function receive(
  repository: Repository,
  body: Readable,
  response: ServerResponse,
  context: GitRequest,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-git-receive-pack-result' });
  const commands = await readPushCommands(body);
  const refusalText =
    commands.updates.length > 0 ? await context.preReceive?.(commands.updates, commands.options) : null;
  if (typeof refusalText === 'string') {
    body.resume();
    return finish(response, refusal(commands, refusalText));
  }
  const store = storeOf(repository);
  let moved: RefUpdate[] = [];
  const answer = await write(
    store,
    async () => {
      await store.refs.all(); // what they are before, or nothing would seem to have moved
      const result = await runReceivePack(repository, body, commands);
      moved = await store.refs.reread(commands.updates.map(update => update.ref));
      return { updates: moved, result };
    },
    context.userName,
  );
  const text = moved.length > 0 ? await context.postReceive?.(moved, commands.options) : null;
  return finish(response, typeof text === 'string' ? withMessage(answer, commands, text) : answer);
}

async function runReceivePack(repository: Repository, body: Readable, commands: PushCommands): Promise<Buffer> {
  const child = startGit(repository, ['receive-pack', '--stateless-rpc', repository.path], undefined);
  const answer: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => answer.push(chunk));
  // A client that goes away in the middle must not leave git waiting for the rest: half a pack is refused by git.
  const stop = () => child.stdin.end();
  body.on('error', stop).on('close', stop);
  child.stdin.write(commands.head);
  if (body.destroyed) stop();
  else body.pipe(child.stdin);
  await ended(child);
  body.off('error', stop).off('close', stop);
  return Buffer.concat(answer);
}
