import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { gitEnvironment } from './git-environment.ts';
import { spawnError } from './run-git.ts';

export interface GitObject {
  sha: string;
  type: 'commit' | 'tree' | 'blob' | 'tag';
  size: number;
  /** Empty when only information was asked for. */
  content: Buffer;
}

interface Waiting {
  withContent: boolean;
  resolve(object: GitObject | null): void;
  reject(error: Error): void;
}

/** An unused process is ended after this time, so that hundreds of repositories do not hold hundreds of processes. */
const IDLE_MS = 20_000;

/**
 * Reads objects through one persistent `git cat-file --batch-command`. Answers come in the order of the questions, so
 * many may be under way at once. The process is started on first use and keeps nobody's event loop alive while idle.
 */
export class ObjectReader {
  readonly #directory: string;
  #child: ChildProcessWithoutNullStreams | null = null;
  #waiting: Waiting[] = [];
  #head = 0;
  #outbox: string[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  #current: GitObject | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The object a name (a sha, short sha or `name^{commit}`) stands for; null if missing or ambiguous. No newlines. */
  info(name: string): Promise<GitObject | null> {
    return this.#ask('info', name);
  }

  contents(name: string): Promise<GitObject | null> {
    return this.#ask('contents', name);
  }

  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const child = this.#child;
    if (child === null) return;
    this.#fail(child, new Error('The repository was closed while it was being read'));
    child.stdin.end();
  }

  #ask(command: 'info' | 'contents', name: string): Promise<GitObject | null> {
    return new Promise((resolve, reject) => {
      const child = this.#start();
      if (this.#pending() === 0) this.#hold(child, true);
      this.#waiting.push({ withContent: command === 'contents', resolve, reject });
      // Questions asked in the same breath travel together, and so do their answers: a listing asks 75,000 of them.
      if (this.#outbox.length === 0) process.nextTick(() => this.#send(child));
      this.#outbox.push(`${command} ${name}\n`);
    });
  }

  #send(child: ChildProcessWithoutNullStreams): void {
    if (this.#child !== child) return;
    child.stdin.write(`${this.#outbox.join('')}flush\n`);
    this.#outbox = [];
  }

  #pending(): number {
    return this.#waiting.length - this.#head;
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== null) return this.#child;
    const child = spawn('git', ['cat-file', '--batch-command', '--buffer'], {
      env: gitEnvironment(this.#directory),
      cwd: '/',
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stderr.resume();
    child.on('error', error => this.#fail(child, spawnError(error)));
    child.on('close', () => this.#fail(child, new Error('git cat-file ended unexpectedly')));
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child !== child) return;
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#drain();
      if (this.#pending() === 0) this.#rest(child);
    });
    return child;
  }

  #fail(child: ChildProcessWithoutNullStreams, error: Error): void {
    if (this.#child !== child && this.#child !== null) return;
    this.#child = null;
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    this.#outbox = [];
    this.#chunks = [];
    this.#buffered = 0;
    this.#current = null;
    for (const one of waiting) one.reject(error);
  }

  /** Takes `size` bytes off the front of what has arrived. */
  #take(size: number): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const rest = all.subarray(size);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
    return all.subarray(0, size);
  }

  #drain(): void {
    while (this.#pending() > 0) {
      if (this.#current === null) {
        if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
        const end = this.#chunks[0]?.indexOf(0x0a) ?? -1;
        if (end < 0) return;
        const line = this.#take(end + 1)
          .subarray(0, end)
          .toString('utf8');
        const match = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
        if (match === null) {
          this.#answer(null);
          continue;
        }
        const found: GitObject = {
          sha: match[1]!,
          type: match[2] as GitObject['type'],
          size: Number(match[3]),
          content: Buffer.alloc(0),
        };
        if (!this.#waiting[this.#head]!.withContent) {
          this.#answer(found);
          continue;
        }
        this.#current = found;
      }
      if (this.#buffered < this.#current.size + 1) return;
      // A copy, so that a small cached object does not hold the whole buffer it came in.
      const content = Buffer.from(this.#take(this.#current.size + 1).subarray(0, this.#current.size));
      const object = { ...this.#current, content };
      this.#current = null;
      this.#answer(object);
    }
  }

  #answer(object: GitObject | null): void {
    const waiting = this.#waiting[this.#head]!;
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    waiting.resolve(object);
  }

  /** While nobody waits, the process must not keep node running; while somebody does, it must. */
  #hold(child: ChildProcessWithoutNullStreams, hold: boolean): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const method = hold ? 'ref' : 'unref';
    child[method]();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket)[method]();
  }

  #rest(child: ChildProcessWithoutNullStreams): void {
    this.#hold(child, false);
    this.#idle = setTimeout(() => this.close(), IDLE_MS);
    this.#idle.unref();
  }
}
