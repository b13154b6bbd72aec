/** One line of the doctor's report. */
export interface Check {
  name: string;
  status: 'OK' | 'WARN' | 'FAIL';
  detail: string;
  /** What to do about it; empty where nothing needs doing. */
  remedy: string;
  /** Does what the remedy says, for `--fix`, and tells what came of it. */
  fix?: () => Promise<Check>;
  /** What `fix` would change, for the question before it: `create the label "To Test" in acme/appliance`. */
  does?: string;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'OK', detail, remedy: '' };
}

export function warn(name: string, detail: string, remedy: string): Check {
  return { name, status: 'WARN', detail, remedy };
}

export function fail(name: string, detail: string, remedy: string): Check {
  return { name, status: 'FAIL', detail, remedy };
}
