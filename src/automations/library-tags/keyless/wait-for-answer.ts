import { setTimeout as sleep } from 'node:timers/promises';
import type { Documents } from '../../../engine/documents/documents.ts';
import { TAG_JOB, type TagJobAnswer, type TagJobDocument } from './jobs.ts';

/** Between two looks at the document, ms: whichever process gives the answer, it is seen there. */
const FIRST_PAUSE = 40;
const LONGEST_PAUSE = 500;

/** The answer to a job; null when there is none after so many milliseconds, or when nobody waits any more. */
export async function waitForAnswer(
  documents: Documents,
  id: string,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<TagJobAnswer | null> {
  const end = performance.now() + patience;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const answer = (await documents.read<TagJobDocument>(TAG_JOB, id))?.body.answer ?? null;
    if (answer !== null || signal.aborted || performance.now() >= end) return answer;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
