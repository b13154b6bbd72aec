import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import PQueue from 'p-queue';
import { SignalboxError } from '../../errors.ts';
import { openDataUrl } from '../../freshdesk/files/open-data-url.ts';
import type { FileDoor, FileRefusal, OpenFile } from '../../freshdesk/files/open-file.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { FileDocument } from './documents.ts';
import { safeFileName } from './file-name.ts';
import type { Materials, SourceFile } from './material.ts';

export interface CopyContext {
  gitlab: GitLab;
  files: FileDoor;
  materials: Materials;
  project: string;
  atOnce: number;
  /** Frees the memory of what has streamed through. */
  collect: () => void;
}

export type CopyFile = ReturnType<typeof fileCopier>;

interface CopyRequest {
  ticket: number;
  key: string;
  /** What was copied of this ticket before, for content that comes again. */
  known: ReadonlyMap<string, FileDocument>;
  /** Whether another file of this ticket looks the same; then its content is read first. */
  twin: boolean;
  signal: AbortSignal;
}

/** Up to so much is taken into memory, so that the same logo in thirty mails is uploaded once. */
const SMALL = 1024 * 1024;
/** A file whose length nobody declares is taken into memory up to here. */
const UNDECLARED = 32 * 1024 * 1024;
const REMEMBERED = 10_000;
const UPLOAD = /^\/uploads\/[0-9a-f]{32}\/[^/\s()[\]<>"\\]+$/;

type Copied = Extract<FileDocument, { state: 'copied' }>;

/**
 * Copies files from Freshdesk to GitLab: streamed, so that a large one costs no more memory than a small one; the same content of one
 * ticket once. What can never be copied is told as such; what fails for now throws.
 */
export function fileCopier({ gitlab, files, materials, project, atOnce, collect }: CopyContext) {
  const chunksOf = countedChunks(collect);
  // A download waits, paused, until there is room for its upload: so the next ones have answered when it is their turn.
  const uploads = new PQueue({ concurrency: atOnce });
  const sent = new Map<string, Promise<string>>();

  async function open(request: CopyRequest): Promise<{ file: SourceFile; opened: OpenFile } | FileDocument> {
    let refusal: FileRefusal | null = null;
    let name = request.key;
    for (const attempt of ['kept', 'fresh'] as const) {
      const kept = await materials.of(request.ticket);
      const material =
        attempt === 'kept' && kept && materials.isFresh(kept) ? kept : await materials.refresh(request.ticket);
      const file = material?.files.find(each => each.key === request.key);
      if (!file) return lost(name, 'it is not there any more');
      name = file.name;
      if (file.size === 0) return { ...refused(file, 'it is empty'), size: 0 };
      const opened = file.url.startsWith('data:')
        ? openDataUrl(file.url)
        : await files.open(file.url, file.inline ? 'inline' : 'attachment', request.signal);
      if (!('refused' in opened)) return { file, opened };
      refusal = opened;
      if (opened.refused !== 'expired') return refused(file, opened.reason);
    }
    return lost(name, refusal?.reason ?? 'it could not be read');
  }

  return async (request: CopyRequest): Promise<FileDocument> => {
    const source = await open(request);
    if ('state' in source) return source;
    const { file, opened } = source;
    const { stream, type } = opened;
    try {
      const name = safeFileName(file.name, file.type ?? type);
      const { size } = opened;
      if (size === null || size <= SMALL) {
        const content = await readAll(chunksOf(stream), size === null ? UNDECLARED : size);
        if (content === null) return refused(file, 'its size is not declared and it is too large');
        if (content.length === 0) return { ...refused(file, 'it is empty'), size: 0 };
        const sha256 = createHash('sha256').update(content).digest('hex');
        const url = await once(request, sha256, () =>
          upload({ name, type: type ?? '', size: content.length, content: oneChunk(content) }, request),
        );
        return { state: 'copied', name, size: content.length, sha256, url };
      }
      if (request.twin) {
        const sha256 = await digestOf(chunksOf(stream));
        const url = await once(request, sha256, async () => {
          const again = await open(request);
          if ('state' in again || again.opened.size !== size) throw brokeOff(name);
          const content = chunksOf(again.opened.stream);
          return upload({ name, type: type ?? '', size, content }, request).finally(() =>
            again.opened.stream.destroy(),
          );
        });
        return { state: 'copied', name, size, sha256, url };
      }
      const hash = createHash('sha256');
      const url = await upload({ name, type: type ?? '', size, content: tee(chunksOf(stream), hash) }, request);
      const sha256 = hash.digest('hex');
      sent.set(`${request.ticket} ${sha256}`, Promise.resolve(url));
      return { state: 'copied', name, size, sha256, url };
    } catch (error) {
      return explain(error, file);
    } finally {
      stream.destroy();
    }
  };

  async function upload(file: Parameters<GitLab['uploads']['create']>[1], { signal }: CopyRequest): Promise<string> {
    const { url } = await uploads.add(() => gitlab.uploads.create(project, file, signal));
    if (!UPLOAD.test(url))
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', 'GitLab: an upload has an unusual address');
    return url;
  }

  /** The address of content that was sent before, or is being sent; else it is sent. */
  function once({ ticket, known }: CopyRequest, sha256: string, send: () => Promise<string>): Promise<string> {
    const before = [...known.values()].find(
      (each): each is Copied => each.state === 'copied' && each.sha256 === sha256,
    );
    if (before) return Promise.resolve(before.url);
    const id = `${ticket} ${sha256}`;
    const running = sent.get(id) ?? send();
    if (sent.size >= REMEMBERED) sent.clear();
    sent.set(id, running);
    running.catch(() => sent.delete(id));
    return running;
  }
}

/** What a refusal of GitLab means for good; all else goes on as an error. */
function explain(error: unknown, file: SourceFile): FileDocument {
  if (error instanceof SignalboxError && error.code === 'SBX_REMOTE_REFUSED') {
    if (error.remoteStatus === 413) return refused(file, 'GitLab takes no file of this size');
    return refused(file, `GitLab answered ${error.remoteStatus ?? 'no'}`);
  }
  throw error;
}

function refused(file: SourceFile, reason: string): Extract<FileDocument, { state: 'not copied' }> {
  return { state: 'not copied', name: file.name, size: file.size, reason };
}

function lost(name: string, reason: string): FileDocument {
  return { state: 'not copied', name, size: null, reason };
}

function brokeOff(name: string, cause?: unknown): SignalboxError {
  return new SignalboxError('SBX_REMOTE_UNREACHABLE', `Freshdesk's files: ${name} broke off`, { cause });
}

async function* oneChunk(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function* tee(content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

/** After so many bytes, what they leave behind is collected. */
const COLLECT_EVERY = 4 * 1024 * 1024;

/** Reads a download; one that breaks off is an outage of the other side. */
function countedChunks(collect: () => void) {
  let passed = 0;
  return async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        yield chunk;
        passed += chunk.length;
        if (passed < COLLECT_EVERY) continue;
        passed = 0;
        collect();
      }
    } catch (cause) {
      throw new SignalboxError('SBX_REMOTE_UNREACHABLE', "Freshdesk's files: a download broke off", { cause });
    }
  };
}

async function digestOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** Null when there is more than `most`. */
async function readAll(chunks: AsyncIterable<Buffer>, most: number): Promise<Buffer | null> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) return null;
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
