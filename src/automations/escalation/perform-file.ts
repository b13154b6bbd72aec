import { crashPoint } from '../../engine/crash-point.ts';
import { isPassing, SignalboxError } from '../../errors.ts';
import type { FileDocument } from './documents.ts';
import type { Performance } from './performance.ts';

/** What fails for so long and so often is told, so that one file does not hold up a whole ticket for ever. */
const TRIES = 8;
/** A download or upload that broke off is begun again at once, before the whole look is. */
const QUICK_TRIES = 3;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 5 * 60_000;

/** Copies one file and records what became of it. */
export async function copyTicketFile(key: string, performance: Performance): Promise<void> {
  const { context, domain, ticket, facts } = performance;
  const { store } = context;
  const file = facts.files?.find(each => each.key === key);
  const before = file?.result?.state === 'failing' ? file.result.tries : 0;
  const twin = (facts.files ?? []).some(
    each => each.key !== key && each.name === file?.name && each.size === file.size && each.size !== null,
  );
  try {
    const copied = await copy(key, twin, performance);
    crashPoint('escalation:copied');
    await store.saveFile(domain, ticket, key, copied);
  } catch (error) {
    if (!isPassing(error) || performance.look.signal.aborted) throw error;
    const { detail, retryAt } = error as SignalboxError;
    // The other side's own wait is no failure of the file.
    if (retryAt !== undefined) throw error;
    const tries = before + 1;
    const name = file?.name ?? key;
    if (tries >= TRIES) {
      const size = file?.size ?? null;
      await store.saveFile(domain, ticket, key, {
        state: 'not copied',
        name,
        size,
        reason: `it failed ${tries} times`,
      });
      return;
    }
    await store.saveFile(domain, ticket, key, { state: 'failing', name, tries, detail });
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** before);
    throw new SignalboxError('SBX_REMOTE_UNAVAILABLE', detail, { retryAt: context.now() + wait, cause: error });
  }
}

async function copy(key: string, twin: boolean, { context, domain, ticket, look }: Performance): Promise<FileDocument> {
  const known = await context.store.files(domain, ticket);
  for (let tries = 1; ; tries++) {
    try {
      return await context.copyFile({ ticket, key, known, twin, signal: look.signal });
    } catch (error) {
      const again = isPassing(error) && (error as SignalboxError).retryAt === undefined;
      if (!again || tries >= QUICK_TRIES || look.signal.aborted) throw error;
    }
  }
}
