import { readdir, readFile } from 'node:fs/promises';

/** One process of this machine, as /proc shows it. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot; tells a process from a later one with the same number. */
  startedAt: string;
}

/** All processes that can be seen; those that end meanwhile are left out. */
export async function readProcesses(): Promise<ProcessEntry[]> {
  const names = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const entries = await Promise.all(names.map(name => readProcess(Number(name))));
  return entries.filter(entry => entry !== undefined);
}

/** Fields of proc_pid_stat(5), behind the name, which may itself hold brackets and blanks. */
async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, group, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, parent: Number(parent), group: Number(group), session: Number(session), startedAt: rest[15] ?? '' };
  } catch {
    return undefined;
  }
}

/** Whether a process was started with this variable; false for those of other users, which nobody may read. */
export async function hasVariable(pid: number, variable: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    return environment.split('\0').includes(variable);
  } catch {
    return false;
  }
}
