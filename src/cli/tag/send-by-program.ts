import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';
import type { HttpAnswer, HttpExchange, Send } from '../../git-protocol/send.ts';

/** Starts `git-upload-pack` or `git-receive-pack` where the repository is: a command and its arguments. */
export type StartService = (service: 'git-upload-pack' | 'git-receive-pack') => { command: string; args: string[] };

/**
 * Carries requests to a repository on a disk or behind ssh, for a checkout whose remote is no web address. Each exchange is one
 * run of git's own server program: it greets, gets the request, answers, and ends because nothing more comes.
 */
export function sendByProgram(start: StartService, environment: Readonly<Record<string, string | undefined>>): Send {
  return async exchange => {
    const service = exchange.url.includes('git-receive-pack') ? 'git-receive-pack' : 'git-upload-pack';
    const greetingOnly = exchange.method === 'GET';
    const { command, args } = start(service);
    // Pushing has no version 2.
    const protocol = service === 'git-upload-pack' ? { GIT_PROTOCOL: 'version=2' } : {};
    const child = spawn(command, args, { env: { ...environment, ...protocol }, signal: exchange.signal });
    const stop = watch(child, exchange);
    child.stdin.end(exchange.body ?? undefined);
    const body = greetingOnly ? child.stdout : withoutGreeting(child.stdout);
    const kind = greetingOnly ? 'advertisement' : 'result';
    return answer(`application/x-${service}-${kind}`, untilExit(body, stop, greetingOnly));
  };
}

function answer(contentType: string, body: AsyncIterable<Uint8Array>): HttpAnswer {
  return { status: 200, headers: { 'content-type': contentType }, body };
}

interface End {
  code: number | null;
  words: string;
}

function watch(child: ChildProcessWithoutNullStreams, exchange: HttpExchange): Promise<End> {
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-500);
  });
  // A program that ends early has said why on its standard error.
  child.stdin.on('error', () => undefined);
  return new Promise(resolve => {
    child.once('error', error => resolve({ code: null, words: exchange.signal.aborted ? '' : error.message }));
    child.once('close', code => resolve({ code, words }));
  });
}

async function* untilExit(
  body: AsyncIterable<Uint8Array>,
  end: Promise<End>,
  greetingOnly: boolean,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    yield chunk;
  }
  const { code, words } = await end;
  // After a greeting that nobody answers, git may complain that the other end hung up.
  if (code === 0 || (greetingOnly && size > 0)) return;
  throw new SignalboxError('SBX_REMOTE_REFUSED', `git: ${words.trim() || `ended with ${code}`}`, { remoteStatus: 403 });
}

/** What comes after the first flush packet. */
async function* withoutGreeting(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  let greeted = false;
  for await (const chunk of body) {
    if (greeted) {
      yield chunk;
      continue;
    }
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    while (!greeted && at + 4 <= rest.length) {
      const length = Number.parseInt(rest.toString('latin1', at, at + 4), 16);
      greeted = length === 0;
      at += greeted ? 4 : length;
    }
    if (at > rest.length) continue;
    rest = rest.subarray(at);
    if (greeted && rest.length > 0) yield rest;
  }
}
