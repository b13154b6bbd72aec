import type { Progress } from '../../automations/races/scan/scan-options.ts';
import { megabytes, printable } from './print-races.ts';

const BAR = 24;
const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** Shows how far a scan is: a bar on a terminal, elsewhere a line now and then. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  end(): void;
}

/** Writes to standard error, because results go to standard output. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let last = Date.now();
  let drawn = false;

  return {
    show(progress) {
      const now = Date.now();
      if (now - last < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
      last = now;
      const line = lineOf(progress);
      if (!stream.isTTY) {
        stream.write(`${line}\n`);
        return;
      }
      drawn = true;
      // A terminal that does not tell its width says 0.
      stream.write(`\r\x1b[K${barOf(progress)} ${line}`.slice(0, (stream.columns || 80) + 3));
    },
    end() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}

/** Share of the current file; a packed file's text is larger than the file, and how much is not known. */
function shareOf({ bytes, totalBytes }: Progress): number | null {
  return bytes > totalBytes ? null : bytes / Math.max(1, totalBytes);
}

function barOf(progress: Progress): string {
  const { number, files } = progress;
  const done = (number - 1 + (shareOf(progress) ?? 0.5)) / Math.max(1, files);
  const full = Math.round(Math.min(1, done) * BAR);
  return `[${'#'.repeat(full)}${' '.repeat(BAR - full)}]`;
}

function lineOf(progress: Progress): string {
  const { file, bytes, number, files } = progress;
  const share = shareOf(progress);
  const far = share === null ? '' : ` (${Math.floor(share * 100)} %)`;
  return `file ${number} of ${files}, ${megabytes(bytes)}${far}: ${printable(file)}`;
}
