import PQueue from 'p-queue';
import { judgeAddress } from '../../freshdesk/files/judge-address.ts';
import { openDataUrl } from '../../freshdesk/files/open-data-url.ts';
import type { FileDoor, FileRefusal, OpenFile } from '../../freshdesk/files/open-file.ts';
import type { FileDocument } from './documents.ts';
import { safeFileName } from './file-name.ts';
import type { SourceFile } from './material.ts';

/** Images that are asked for at once. */
const AT_ONCE = 4;
/** For all images together, ms; those that have not answered then are shown as the mail has them. */
const PATIENCE = 5_000;

export interface ForeseenFiles {
  /** With the names that they will have. */
  files: SourceFile[];
  /** Those of which it is known already that they will not be copied, and why. */
  results: ReadonlyMap<string, FileDocument>;
}

/**
 * What the copier would make of the files: an image in a text has no name but the one that its type gives, and only the
 * host that keeps it knows that. Nothing is read but the first lines of the answer.
 */
export async function foreseeFiles(sources: readonly SourceFile[], door: FileDoor): Promise<ForeseenFiles> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const deadline = AbortSignal.timeout(PATIENCE);
  const results = new Map<string, FileDocument>();
  const files = await Promise.all(
    sources.map(async (file): Promise<SourceFile> => {
      const answer = file.inline ? await queue.add(() => headOf(file, door, deadline)) : refusalOf(file, door);
      const size = answer && 'size' in answer ? answer.size : file.size;
      const reason = answer && 'refused' in answer ? answer.reason : size === 0 ? 'it is empty' : null;
      if (reason !== null) {
        results.set(file.key, { state: 'not copied', name: file.name, size, reason });
        return { ...file, size };
      }
      const type = file.type ?? (answer && 'type' in answer ? answer.type : null);
      return { ...file, size, name: safeFileName(file.name, type) };
    }),
  );
  return { files, results };
}

/** Null where the host does not answer: then it is not known, and the copy will try again. */
async function headOf(
  { url }: SourceFile,
  door: FileDoor,
  signal: AbortSignal,
): Promise<Pick<OpenFile, 'size' | 'type'> | FileRefusal | null> {
  const opened = url.startsWith('data:') ? openDataUrl(url) : await door.open(url, 'inline', signal).catch(() => null);
  if (opened === null || 'refused' in opened) return opened;
  opened.stream.on('error', () => undefined).destroy();
  return { size: opened.size, type: opened.type };
}

function refusalOf({ url }: SourceFile, { rules }: FileDoor): FileRefusal | null {
  const reason = judgeAddress(url, 'attachment', rules);
  return reason === null ? null : { refused: 'address', reason };
}
