import { hash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { MARKER_BYTES } from './log-record.ts';

/** One file of the intake log. */
export interface Segment {
  /** Higher than that of every segment before it; never used twice. */
  sequence: number;
  /** The bytes of it that are known to be on disk. */
  end: number;
}

const NAME = /^(\d{16})\.log$/;

export function segmentFile(directory: string, sequence: number): string {
  return join(directory, `${String(sequence).padStart(16, '0')}.log`);
}

/**
 * What every record of a segment begins with. It is derived from the log's random id, so that no sender can put bytes into a body
 * that pass for a record when a damaged segment is searched for the next one.
 */
export function segmentMarker(logId: string, sequence: number): Buffer {
  return hash('sha256', `${logId} ${sequence}`, 'buffer').subarray(0, MARKER_BYTES);
}

/** The segments that earlier processes left, oldest first. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = (await readdir(directory)).filter(name => NAME.test(name)).toSorted();
  return Promise.all(
    names.map(async name => ({ sequence: Number.parseInt(name, 10), end: (await stat(join(directory, name))).size })),
  );
}

/**
 * The log's id, made at the first start. What the database knows about how far the log was read is kept under this id.
 *
 * @throws SignalboxError SBX_INTAKE_LOG_UNUSABLE when there are segments, but no id to read them by
 */
export async function readLogId(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const file = join(directory, 'id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known.trim();
  if ((await listSegments(directory)).length > 0) {
    throw new SignalboxError('SBX_INTAKE_LOG_UNUSABLE', `${file} is missing, but there are segments beside it`);
  }
  const id = randomUUID();
  const draft = await open(`${file}.new`, 'w', 0o600);
  await draft.writeFile(`${id}\n`);
  await draft.sync();
  await draft.close();
  await rename(`${file}.new`, file);
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));
  return id;
}

/**
 * A new segment to be written. Each write to it returns when its bytes are on disk (O_DSYNC): one call where write and fdatasync
 * would be two, and measured no slower.
 */
export async function createSegment(directory: string, sequence: number): Promise<FileHandle> {
  const { O_CREAT, O_WRONLY, O_DSYNC } = constants;
  const name = segmentFile(directory, sequence);
  const file = await open(name, O_CREAT | O_WRONLY | O_DSYNC, 0o600);
  try {
    await syncDirectory(directory);
  } catch (error) {
    await file.close();
    await rm(name, { force: true });
    throw error;
  }
  return file;
}

/** Writes a little to the disk that segments are on, waits for it, and takes it away again; throws what the disk says. */
export async function tryWriting(directory: string): Promise<void> {
  const { O_CREAT, O_WRONLY, O_DSYNC } = constants;
  const name = join(directory, 'trial');
  try {
    const file = await open(name, O_CREAT | O_WRONLY | O_DSYNC, 0o600);
    try {
      await file.write(Buffer.alloc(4096));
    } finally {
      await file.close();
    }
    await syncDirectory(directory);
  } finally {
    await rm(name, { force: true });
  }
}

/** Puts the names of new files on disk, too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
