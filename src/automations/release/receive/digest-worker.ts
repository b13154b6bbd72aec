import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** What a digest thread is asked. Bytes are never sent: they lie in the shared memory, at `offset`. */
export type DigestRequest =
  | { do: 'update'; stream: number; slot: number; offset: number; length: number }
  | { do: 'finish'; stream: number }
  | { do: 'drop'; stream: number };

export type DigestAnswer = { slot: number } | { stream: number; digest: string };

export interface DigestWorkerData {
  algorithm: 'md5' | 'sha256';
  memory: SharedArrayBuffer;
}

const { algorithm, memory } = workerData as DigestWorkerData;
const port = parentPort!;
/** One running hash for each upload: an upload needs no thread of its own. */
const hashes = new Map<number, Hash>();

port.on('message', (request: DigestRequest) => {
  const { stream } = request;
  if (request.do === 'drop') {
    hashes.delete(stream);
    return;
  }
  let hash = hashes.get(stream);
  if (!hash) {
    hash = createHash(algorithm);
    hashes.set(stream, hash);
  }
  if (request.do === 'update') {
    hash.update(new Uint8Array(memory, request.offset, request.length));
    port.postMessage({ slot: request.slot } satisfies DigestAnswer);
    return;
  }
  hashes.delete(stream);
  port.postMessage({ stream, digest: hash.digest('hex') } satisfies DigestAnswer);
});
