import { isIP, type Socket } from 'node:net';
import { AnswerBody } from './answer-body.ts';
import { AnswerReader } from './answer-reader.ts';
import type { HttpAnswer, HttpExchange } from './remote.ts';

/** Servers close a connection that is idle for five seconds or more; a request must not meet that moment. */
const MAX_IDLE = 1_000;
/** Answers are read into pieces of this size, one after the other. */
const PIECE = 256 * 1024;
const WORTH_READING_INTO = 16 * 1024;

const idle = new Map<string, Connection[]>();

/**
 * Sends by a socket, without Node's HTTP client: its streams take a quarter of all that a command costs which makes a few
 * requests and ends, and reading a list of 50,000 references through them twice what looking at each costs. Follows no redirect.
 */
export async function sendBySocket({ method, url: address, headers, body, signal }: HttpExchange): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const url = new URL(address);
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  for (const [name, value] of Object.entries(headers)) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new TypeError(`the value of ${name} is none for a header`);
    lines.push(`${name}: ${value}`);
  }
  if (body) lines.push(`content-length: ${body.length}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const connection = takeIdle(url.origin) ?? new Connection(url);
  return connection.ask(body ? Buffer.concat([head, body]) : head, signal);
}

function takeIdle(origin: string): Connection | null {
  const connections = idle.get(origin) ?? [];
  for (let connection = connections.pop(); connection; connection = connections.pop()) {
    if (connection.isFresh()) return connection;
    connection.destroy();
  }
  return null;
}

interface Turn {
  reader: AnswerReader;
  /** From the answer's head on. */
  body: AnswerBody | null;
  reject: (error: unknown) => void;
  /** Ends the wait for the signal. */
  settle: () => void;
}

/** A connection to a server, used for one exchange after the other. */
class Connection {
  readonly #origin: string;
  readonly #socket: Socket;
  #turn: Turn | null = null;
  #idleSince = 0;
  #piece = Buffer.alloc(0);
  #used = 0;

  constructor(url: URL) {
    this.#origin = url.origin;
    this.#socket = connect(url, {
      buffer: () => this.#room(),
      callback: size => this.#take(size),
    });
    this.#socket.on('error', error => this.#fail(error));
    this.#socket.on('end', () => this.#cutOff());
    this.#socket.on('close', () => this.#cutOff());
  }

  ask(request: Buffer, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const stop = (): void => this.#fail(signal.reason);
      signal.addEventListener('abort', stop);
      const turn: Turn = {
        reader: new AnswerReader({
          head: (status, headers) => {
            turn.body = new AnswerBody({ resume: () => this.#socket.resume(), destroy: () => this.destroy() });
            resolve({ status, headers, body: turn.body });
          },
          body: bytes => turn.body?.push(bytes),
          end: reusable => {
            this.#turn = null;
            turn.settle();
            if (reusable) this.#keep();
            else this.destroy();
            turn.body?.finish();
          },
        }),
        body: null,
        reject,
        settle: () => signal.removeEventListener('abort', stop),
      };
      this.#turn = turn;
      this.#socket.ref();
      this.#socket.write(request);
    });
  }

  isFresh(): boolean {
    return !this.#socket.destroyed && performance.now() - this.#idleSince < MAX_IDLE;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Where the next bytes are read to. What was handed out is never written to again. */
  #room(): Buffer {
    if (this.#piece.length - this.#used < WORTH_READING_INTO) {
      this.#piece = Buffer.allocUnsafeSlow(PIECE);
      this.#used = 0;
    }
    return this.#piece.subarray(this.#used);
  }

  /** Takes bytes that have arrived in the room; returns whether to go on reading. */
  #take(size: number): boolean {
    const bytes = this.#piece.subarray(this.#used, this.#used + size);
    this.#used += size;
    const turn = this.#turn;
    if (turn === null) {
      this.destroy();
      return false;
    }
    try {
      turn.reader.push(bytes);
    } catch (error) {
      this.#fail(error);
      this.destroy();
    }
    return turn.body === null || turn.body.isWanted;
  }

  #keep(): void {
    this.#idleSince = performance.now();
    // The program may end while connections are kept.
    this.#socket.unref();
    const connections = idle.get(this.#origin);
    if (connections) connections.push(this);
    else idle.set(this.#origin, [this]);
  }

  #cutOff(): void {
    if (this.#turn?.reader.close() === false) {
      this.#fail(Object.assign(new Error('the answer was cut off'), { code: 'ECONNRESET' }));
    }
    this.destroy();
  }

  #fail(error: unknown): void {
    const turn = this.#turn;
    this.#turn = null;
    this.destroy();
    if (turn === null) return;
    turn.settle();
    if (turn.body) turn.body.fail(error);
    else turn.reject(error);
  }
}

type OnRead = { buffer: () => Buffer; callback: (size: number) => boolean };

function connect(url: URL, onread: OnRead): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const options = { host, port: Number(url.port) || (secure ? 443 : 80), noDelay: true, onread };
  if (!secure) return process.getBuiltinModule('node:net').connect(options);
  const name = isIP(host) === 0 ? { servername: host } : {};
  return process.getBuiltinModule('node:tls').connect({ ...options, ...name, ALPNProtocols: ['http/1.1'] });
}
