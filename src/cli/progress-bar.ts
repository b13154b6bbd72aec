/** How far something is, on standard error, because results go to standard output. */
export interface ProgressBar {
  /** `share` from 0 to 1. */
  show(share: number, line: string): void;
  end(): void;
}

const BAR = 24;
const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** A bar on a terminal, elsewhere a plain line now and then. */
export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  let last = Date.now();
  let drawn = false;
  return {
    show(share, line) {
      const now = Date.now();
      if (now - last < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
      last = now;
      if (!stream.isTTY) {
        stream.write(`${line}\n`);
        return;
      }
      drawn = true;
      const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
      const bar = `[${'#'.repeat(full)}${' '.repeat(BAR - full)}]`;
      // A terminal that does not tell its width says 0; its last column would wrap.
      stream.write(`\r\x1b[K${`${bar} ${line}`.slice(0, (stream.columns || 80) - 1)}`);
    },
    end() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}
