import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a command on the same machine reaches the running service. Readable by the service's user only. */
export interface Control {
  url: string;
  token: string;
  pid: number;
}

const fileIn = (dataDirectory: string) => join(dataDirectory, 'control.json');

export function writeControl(dataDirectory: string, control: Control): void {
  rmSync(fileIn(dataDirectory), { force: true });
  writeFileSync(fileIn(dataDirectory), JSON.stringify(control), { mode: 0o600 });
}

export function removeControl(dataDirectory: string): void {
  rmSync(fileIn(dataDirectory), { force: true });
}

/** Null where no service has written one, or this user may not read it. */
export function readControl(dataDirectory: string): Control | null {
  try {
    return JSON.parse(readFileSync(fileIn(dataDirectory), 'utf8')) as Control;
  } catch {
    return null;
  }
}
