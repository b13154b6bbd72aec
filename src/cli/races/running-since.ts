import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SignalboxError } from '../../errors.ts';
import { parseMoment } from './times.ts';

/** What the kernel counts process times in; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Since when a process has been running, in milliseconds since 1970: from a time, a process id, a pid file, or a systemd
 * unit. Null when it does not run now.
 *
 * @throws SignalboxError SBX_USAGE when it is none of these
 */
export async function runningSince(what: string, now: number): Promise<number | null> {
  if (/^\d+$/.test(what)) return processStart(what);
  if (/^[^/]+\.(?:service|scope)$/.test(what)) return unitStart(what);
  if (what.includes('/') || what.endsWith('.pid')) {
    const text = await readFile(what, 'utf8').catch(() => '');
    const pid = /^\s*(\d+)/.exec(text)?.[1];
    return pid === undefined ? null : processStart(pid);
  }
  return parseMoment(what, now);
}

async function processStart(pid: string): Promise<number | null> {
  try {
    const [process, system] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/stat', 'utf8'),
    ]);
    // The second field is the program's name in brackets, and may hold anything.
    const fields = process.slice(process.lastIndexOf(')') + 2).split(' ');
    const booted = Number(/^btime (\d+)$/m.exec(system)?.[1]);
    const started = booted + Number(fields[19]) / TICKS_PER_SECOND;
    return Number.isNaN(started) ? null : started * 1000;
  } catch {
    return null;
  }
}

async function unitStart(unit: string): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)('systemctl', ['show', '--property=MainPID', '--value', unit]);
    const pid = stdout.trim();
    return pid === '0' || pid === '' ? null : await processStart(pid);
  } catch (error) {
    throw new SignalboxError('SBX_USAGE', `--running-since ${unit}: systemctl does not answer`, { cause: error });
  }
}
