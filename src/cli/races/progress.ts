import type { Progress } from '../../automations/races/scan/scan-options.ts';
import { progressBar } from '../progress-bar.ts';
import { megabytes, printable } from './print-races.ts';

/** Shows how far a scan is: a bar on a terminal, elsewhere a line now and then. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  end(): void;
}

/** Writes to standard error, because results go to standard output. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const bar = progressBar(stream);
  return { show: progress => bar.show(doneOf(progress), lineOf(progress)), end: () => bar.end() };
}

/** Share of the current file; a packed file's text is larger than the file, and how much is not known. */
function shareOf({ bytes, totalBytes }: Progress): number | null {
  return bytes > totalBytes ? null : bytes / Math.max(1, totalBytes);
}

/** Of all files. */
function doneOf(progress: Progress): number {
  const { number, files } = progress;
  return (number - 1 + (shareOf(progress) ?? 0.5)) / Math.max(1, files);
}

function lineOf(progress: Progress): string {
  const { file, bytes, number, files } = progress;
  const share = shareOf(progress);
  const far = share === null ? '' : ` (${Math.floor(share * 100)} %)`;
  return `file ${number} of ${files}, ${megabytes(bytes)}${far}: ${printable(file)}`;
}
