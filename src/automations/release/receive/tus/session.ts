import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncDirectory, writeDurably } from '../../store/durable.ts';

/** What a resumable upload is about, as its creator said it; kept beside its bytes, so that it outlives the process. */
const sessionSchema = z.object({
  id: z.string(),
  product: z.string(),
  version: z.string(),
  line: z.string(),
  environment: z.string(),
  credential: z.string(),
  fields: z.array(z.tuple([z.string(), z.string()])),
  md5: z.string().nullable(),
  sha256: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  /** Bytes of the whole file. */
  length: z.number(),
  createdAt: z.number(),
  /** Whether its release is there; then the bytes are no longer here. */
  committed: z.boolean(),
});

export type UploadSession = z.output<typeof sessionSchema>;

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RECORD = 'upload.json';
const BYTES = 'bytes';

export function bytesOf(uploads: string, id: string): string {
  return join(uploads, id, BYTES);
}

export async function createSession(uploads: string, session: Omit<UploadSession, 'id'>): Promise<UploadSession> {
  const created = { ...session, id: randomUUID() };
  const directory = join(uploads, created.id);
  await mkdir(directory, { mode: 0o750 });
  await writeFile(join(directory, BYTES), '', { mode: 0o640 });
  await saveSession(uploads, created);
  await syncDirectory(uploads);
  return created;
}

export async function saveSession(uploads: string, session: UploadSession): Promise<void> {
  const directory = join(uploads, session.id);
  await writeDurably(join(directory, RECORD), JSON.stringify(session));
  await syncDirectory(directory);
}

/** Null for one that is not there. The id comes from an address: it must be one that we have given. */
export async function readSession(uploads: string, id: string): Promise<UploadSession | null> {
  if (!ID.test(id)) return null;
  try {
    return sessionSchema.parse(JSON.parse(await readFile(join(uploads, id, RECORD), 'utf8')));
  } catch {
    return null;
  }
}

/** How many bytes are there, and when the last came, ms since the epoch. */
export async function progressOf(uploads: string, session: UploadSession): Promise<{ offset: number; at: number }> {
  if (session.committed) return { offset: session.length, at: session.createdAt };
  const found = await stat(bytesOf(uploads, session.id)).catch(() => null);
  return { offset: Math.min(found?.size ?? 0, session.length), at: found?.mtimeMs ?? session.createdAt };
}

export async function removeSession(uploads: string, id: string): Promise<void> {
  await rm(join(uploads, id), { recursive: true, force: true });
}

export async function listSessions(uploads: string): Promise<string[]> {
  return (await readdir(uploads).catch(() => [])).filter(name => ID.test(name));
}
