import { createHash } from 'node:crypto';
import type { Documents, StoredDocument } from '../../../engine/documents/documents.ts';
import type { ErrorCode } from '../../../errors.ts';
import type { TagReport } from '../report.ts';

/** A CI job that asks for its commit's version. Document `tag-job`: one for each id_token, however often that is sent. */
export interface TagJobDocument {
  project: string;
  branch: string;
  commit: string;
  /** ms since the epoch, as all times here. */
  requestedAt: number;
  /** How long jobs of earlier commits may go first. */
  wait: number;
  /** When its id_token ends. */
  expiresAt: number;
  answer: TagJobAnswer | null;
}

export type TagJobAnswer = { reports: readonly TagReport[] } | { failure: { code: ErrorCode; detail: string } };

/** A job without an answer, as a look sees it. */
export interface OpenJob {
  id: string;
  branch: string;
  commit: string;
  requestedAt: number;
  wait: number;
}

export const TAG_JOB = 'tag-job';
/** Answers are kept so long after their tokens have ended, ms: clocks differ. */
const KEPT = 10 * 60_000;
const MOST = 1_000;

/** Tokens' own ids come from outside and may hold anything. No project has an @ in its path. */
export function jobId(project: string, tokenId: string): string {
  return `${project}@${createHash('sha256').update(tokenId).digest('hex')}`;
}

/** The jobs that wait for a look at this library, in the order they came. */
export async function openJobs(documents: Documents, project: string): Promise<OpenJob[]> {
  const jobs = await jobsOf(documents, project);
  return jobs
    .filter(({ body }) => body.answer === null)
    .map(({ id, body: { branch, commit, requestedAt, wait } }) => ({ id, branch, commit, requestedAt, wait }))
    .sort((a, b) => a.requestedAt - b.requestedAt || (a.id < b.id ? -1 : 1));
}

/** Gives jobs their answer; an answer that is there stays. What nobody can ask for any more is forgotten. */
export async function answerJobs(
  documents: Documents,
  project: string,
  ids: readonly string[],
  answer: TagJobAnswer,
  now: number,
): Promise<void> {
  for (const id of ids) {
    await documents.change<TagJobDocument>(TAG_JOB, id, current =>
      current === null || current.answer !== null ? null : { body: { ...current, answer } },
    );
  }
  const gone = (await jobsOf(documents, project)).filter(
    ({ body }) => body.answer !== null && body.expiresAt + KEPT < now,
  );
  if (gone.length > 0) {
    await documents.submit({ changes: gone.map(({ id }) => ({ kind: TAG_JOB, id, body: null })) });
  }
}

function jobsOf(documents: Documents, project: string): Promise<StoredDocument<TagJobDocument>[]> {
  return documents.list<TagJobDocument>(TAG_JOB, { prefix: `${project}@`, limit: MOST });
}
