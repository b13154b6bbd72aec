import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignalboxError } from '../../errors.ts';
import type { BodyMemory, BodyPool } from './body-pool.ts';
import type { DeliverySource } from './delivery.ts';
import type { DeliveryLog } from './delivery-log.ts';

export interface ReceiveContext {
  source: DeliverySource;
  intake: DeliveryLog;
  pool: BodyPool;
  now: () => number;
  /** Told after each stored delivery; must be quick. */
  stored: () => void;
  /** Writes the error answer, in the service's one error format. */
  refuse: (request: IncomingMessage, response: ServerResponse, error: SignalboxError) => void;
  count: (source: string, outcome: 'accepted' | 'refused') => void;
}

const FIRST_GUESS = 64 * 1024;
/** So many bodies in each WINDOW (milliseconds) are parsed before the answer, so that whoever sets a hook up by hand gets a 400. */
const PARSED_BEFORE_ANSWER = 4;
const WINDOW = 100;
/** Nobody makes a larger one by hand. */
const LARGEST_PARSED = 1024 * 1024;
let windowBegan = 0;
let inWindow = 0;

/**
 * Takes one webhook request: read, verify on the raw bytes, store, and only then answer 200. Nothing here asks anybody
 * else: the answer waits for our disk and for nothing more.
 */
export async function receiveDelivery(
  request: IncomingMessage,
  response: ServerResponse,
  context: ReceiveContext,
): Promise<void> {
  let memory: BodyMemory | undefined;
  try {
    const { source } = context;
    memory = await readBody(request, context.pool, source.maxBytes);
    const body = memory.bytes;
    const verdict = source.verify(request.headers, body, context.now());
    if (!verdict.ok) throw new SignalboxError('SBX_WEBHOOK_NOT_AUTHENTIC', verdict.reason);
    checkJson(body, context.now());
    await context.intake.accept({
      source: source.name,
      ...source.describe(request.headers, body),
      origin: 'pushed',
      receivedAt: context.now(),
      body,
    });
    response.statusCode = 200;
    response.setHeader('Content-Length', 0);
    response.end();
    context.count(source.name, 'accepted');
    context.stored();
  } catch (error) {
    context.count(context.source.name, 'refused');
    context.refuse(request, response, error as SignalboxError);
  } finally {
    memory?.release();
  }
}

/**
 * A full parse of a large body costs more than storing it. In a flood only the outline is checked here; a body that turns
 * out broken later is kept and marked unreadable, so nothing is lost either way.
 */
function checkJson(body: Uint8Array, now: number): void {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const broken = () => new SignalboxError('SBX_WEBHOOK_NOT_JSON', 'the body is not a JSON object');
  if (text[firstVisible(text)] !== 0x7b || text[lastVisible(text)] !== 0x7d) throw broken();
  if (Math.abs(now - windowBegan) > WINDOW) {
    windowBegan = now;
    inWindow = 0;
  }
  if (body.byteLength > LARGEST_PARSED || ++inWindow > PARSED_BEFORE_ANSWER) return;
  try {
    JSON.parse(text.toString('utf8'));
  } catch {
    throw broken();
  }
}

function firstVisible(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return at;
}

function lastVisible(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at >= 0 && bytes[at]! <= 0x20) at--;
  return at;
}

/**
 * Reads the body into pooled memory when its length is declared, as GitLab does; else into memory that grows.
 * The caller releases it once the body is stored.
 */
function readBody(request: IncomingMessage, pool: BodyPool, maxBytes: number): Promise<BodyMemory> {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  if (declared > maxBytes) {
    request.resume();
    return Promise.reject(tooLarge(maxBytes));
  }
  return new Promise((resolve, reject) => {
    let memory = pool.take(Number.isNaN(declared) ? FIRST_GUESS : declared);
    let length = 0;
    const fail = (error: unknown) => {
      memory.release();
      reject(error);
    };
    const refuse = (error: unknown) => {
      fail(error);
      request.removeAllListeners('data').on('data', (chunk: Buffer) => pool.passed(chunk.length));
    };
    request.on('data', (chunk: Buffer) => {
      if (length + chunk.length > maxBytes) {
        refuse(tooLarge(maxBytes));
        return;
      }
      try {
        if (length + chunk.length > memory.bytes.length) {
          const larger = pool.take(Math.max(memory.bytes.length * 2, length + chunk.length));
          larger.bytes.set(memory.bytes.subarray(0, length));
          memory.release();
          memory = larger;
        }
        memory.use(length + chunk.length);
      } catch (error) {
        refuse(error);
        return;
      }
      memory.bytes.set(chunk, length);
      length += chunk.length;
    });
    request.on('end', () => resolve({ ...memory, bytes: memory.bytes.subarray(0, length) }));
    request.on('error', fail);
    request.on('close', () => {
      if (!request.complete)
        fail(new SignalboxError('SBX_WEBHOOK_ABORTED', 'the connection ended before the body did'));
    });
  });
}

function tooLarge(maxBytes: number): SignalboxError {
  return new SignalboxError('SBX_WEBHOOK_TOO_LARGE', `more than ${maxBytes} bytes`);
}
