import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./faulty-disk.c', import.meta.url));
const SIZE = 4096;

/** What faulty-disk.c puts between a process and its kernel. */
export interface FaultyDisk {
  /** For the process that is to have it. */
  environment: Record<string, string>;
  /** Rules from now on, one a line; none ends all. */
  set(...rules: string[]): void;
  /** Sets the wall clock forward, or back, by so many milliseconds. */
  jump(milliseconds: number): void;
  remove(): void;
}

/** Compiles it with the compiler that is there: `gcc`, which .ci/run installs. */
export function faultyDisk(): FaultyDisk {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-faults-'));
  const library = join(directory, 'faulty-disk.so');
  execFileSync('gcc', ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl']);
  const file = join(directory, 'told');
  const told = openSync(file, 'w+');
  const write = (bytes: Buffer, at: number) => void writeSync(told, bytes, 0, bytes.length, at);
  write(Buffer.alloc(SIZE), 0);
  const set = (...rules: string[]) => {
    const bytes = Buffer.alloc(SIZE - 8);
    bytes.write(rules.join('\n'));
    write(bytes, 8);
  };
  let clock = 0;
  return {
    environment: { LD_PRELOAD: library, FAULTY_DISK: file },
    set,
    jump: milliseconds => {
      clock += milliseconds;
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(clock) * 1_000_000n);
      write(bytes, 0);
    },
    remove: () => {
      closeSync(told);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
