const BY_REPLAY = 'replay by ';

/** The reason of a look that a person asks for, by `signalbox replay` or on a page. */
export function askedBy(name: string): string {
  return BY_REPLAY + name;
}

/** Whether a person asks for a look: then what only keeps noise or load low does not hold it back. */
export function isAsked(reasons: readonly string[]): boolean {
  return reasons.some(reason => reason.startsWith(BY_REPLAY));
}
