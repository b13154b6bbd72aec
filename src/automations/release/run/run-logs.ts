import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FollowOptions, followLog } from './follow-log.ts';

export interface RunName {
  product: string;
  version: string;
  attempt: number;
}

/** The logs of runs, for whoever asks whichever process. */
export interface RunLogs {
  /** The file on this machine that a run of this process writes. */
  fileOf(run: RunName): string;
  /** Lets other machines read what a run here writes, until the returned function is called: then all of it is there. */
  share(run: RunName): () => Promise<void>;
  /** A log from its beginning, and what is added to it until the run ends. */
  follow(run: RunName, options: Omit<FollowOptions, 'file'>): AsyncGenerator<Buffer>;
  /** Those of all runs of a release. */
  remove(product: string, version: string): Promise<void>;
}

/** The log of one run, relative to the place of the logs. */
export function logName({ product, version, attempt }: RunName): string {
  return join(product, version, `${attempt}.log`);
}

/** Logs in a directory that every process sees. */
export function directoryLogs(directory: string): RunLogs {
  const fileOf = (run: RunName) => join(directory, logName(run));
  return {
    fileOf,
    share: () => async () => undefined,
    follow: (run, options) => followLog({ ...options, file: fileOf(run) }),
    remove: (product, version) => rm(join(directory, product, version), { recursive: true, force: true }),
  };
}
