import type { HttpAnswer } from './remote.ts';

/** What becomes of an answer while its bytes arrive. */
export interface AnswerSink {
  /** Once, before any part of the body. */
  head(status: number, headers: HttpAnswer['headers']): void;
  /** A part of the body; the bytes are not used again. */
  body(bytes: Buffer): void;
  /** Once, when the answer is whole. `reusable`: another request may follow on the connection. */
  end(reusable: boolean): void;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close' | 'done';

/** As Node's own limit is, for the head and for each line beside the body. */
const MAX_HEAD = 16 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads one answer of HTTP/1.1 (RFC 9112) however its bytes are cut. It is strict where two readers could take one answer for
 * two: about lengths, and about what comes after the end.
 */
export class AnswerReader {
  readonly #sink: AnswerSink;
  #state: State = 'head';
  /** Of the body, or of the current chunk. */
  #left = 0;
  #reusable = false;
  /** The beginning of a line or head that has not ended yet. */
  #rest = '';

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** @throws Error with code EPROTO when it is no answer of HTTP/1.1 */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'head':
          at = this.#takeHead(bytes, at);
          break;
        case 'length':
        case 'chunk':
          at = this.#takeCounted(bytes, at);
          break;
        case 'until-close':
          this.#sink.body(bytes.subarray(at));
          return;
        case 'done':
          throw broken('more came than the answer');
        case 'chunk-size':
        case 'chunk-end':
        case 'trailer':
          at = this.#takeLine(bytes, at);
          break;
      }
    }
  }

  /** The connection has ended. Returns whether the answer is whole. */
  close(): boolean {
    if (this.#state === 'until-close') this.#finish();
    return this.#state === 'done';
  }

  #takeHead(bytes: Buffer, from: number): number {
    const before = this.#rest.length;
    const text = this.#rest + bytes.toString('latin1', from, Math.min(bytes.length, from + MAX_HEAD));
    const end = /\r?\n\r?\n/.exec(text);
    if (!end) {
      if (text.length >= MAX_HEAD) throw broken('its head is too large');
      this.#rest = text;
      return bytes.length;
    }
    this.#rest = '';
    this.#readHead(text.slice(0, end.index));
    return from + end.index + end[0].length - before;
  }

  #readHead(text: string): void {
    const [first = '', ...lines] = text.split(/\r?\n/);
    const match = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: |$)/.exec(first);
    if (!match) throw broken('it does not begin as one');
    const status = Number(match[2]);
    if (status === 101) throw broken('it changes the protocol');
    // What comes before the answer: 100 Continue, 103 Early Hints.
    if (status < 200) return;
    const headers: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      if (colon < 1 || !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) throw broken('a line of its head cannot be read');
      const value = line.slice(colon + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const connection = (headers['connection'] ?? '').toLowerCase();
    this.#reusable = match[1] === '1' && !/(?:^|,)\s*close\s*(?:,|$)/.test(connection);
    this.#measure(status, headers);
    this.#sink.head(status, headers);
    if (this.#state === 'length' && this.#left === 0) this.#finish();
  }

  /** How the end of the body is told, RFC 9112 section 6.3. */
  #measure(status: number, { 'transfer-encoding': encoding, 'content-length': length }: Record<string, string>): void {
    this.#state = 'length';
    this.#left = 0;
    if (status === 204 || status === 304) return;
    if (encoding !== undefined) {
      if (length !== undefined || encoding.toLowerCase() !== 'chunked') throw broken('its length is told in two ways');
      this.#state = 'chunk-size';
    } else if (length !== undefined) {
      if (!/^[0-9]{1,15}$/.test(length)) throw broken('its length cannot be read');
      this.#left = Number(length);
    } else {
      this.#state = 'until-close';
      this.#reusable = false;
    }
  }

  #takeCounted(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.#sink.body(bytes.subarray(from, end));
    if (this.#left === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk-end';
      else this.#finish();
    }
    return end;
  }

  /** The lines around chunks, and the trailers after the last, which nobody asks for. */
  #takeLine(bytes: Buffer, from: number): number {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline;
    this.#rest += bytes.toString('latin1', from, end);
    if (this.#rest.length > MAX_HEAD) throw broken('a line is too long');
    if (newline < 0) return end;
    const line = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest;
    this.#rest = '';
    if (this.#state === 'chunk-size') this.#readChunkSize(line);
    else if (this.#state === 'chunk-end') {
      if (line !== '') throw broken('a chunk is longer than it says');
      this.#state = 'chunk-size';
    } else if (line === '') this.#finish();
    return end + 1;
  }

  #readChunkSize(line: string): void {
    const digits = /^[0-9a-f]{1,12}(?=\s*(?:;|$))/i.exec(line)?.[0];
    if (digits === undefined) throw broken('the size of a chunk cannot be read');
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #finish(): void {
    this.#state = 'done';
    this.#sink.end(this.#reusable);
  }
}

function broken(what: string): Error {
  return Object.assign(new Error(`the answer is not HTTP/1.1: ${what}`), { code: 'EPROTO' });
}
