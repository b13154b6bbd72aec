/**
 * The places between two things that must both happen, named so that the crash tests can end the process at each of them.
 * Unless a test has armed one, nothing happens here.
 */
export const CRASH_POINTS = [
  'intake:stored',
  'intake:sorted',
  'work:claimed',
  'work:gathered',
  'work:decided',
  'effect:begun',
  'effect:done',
  'work:performed',
  'work:finished',
] as const;

/** One of the engine's, one of an automation's (`release:started`, `escalation:created`), or one of a command's. */
export type CrashPoint = (typeof CRASH_POINTS)[number] | `${'release' | 'escalation' | 'restore'}:${string}`;

let armed: { point: string; passagesLeft: number } | undefined;

/** Arms `<point>`, or `<point>@<n>` for its nth passage; the tests hand it over through the environment. */
export function armCrashPoint(wanted: string | undefined): void {
  const [point, passage] = (wanted ?? '').split('@');
  armed = point ? { point, passagesLeft: Number(passage ?? 1) } : undefined;
}

/** Ends the process as `kill -9` would, where a crash test has asked for this point. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return;
  armed.passagesLeft--;
  if (armed.passagesLeft === 0) process.kill(process.pid, 'SIGKILL');
}
