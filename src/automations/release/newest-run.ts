/** What tells which runs belong together: the same environment, the same purpose. */
interface Purposeful {
  attempt: number;
  environment: string;
  how: string;
}

/**
 * The run itself, or the newest of those that have taken its place because it was put off, cut
 * off, or tried again by a person. Runs for another
 * purpose, such as a promotion that somebody asked for meanwhile, are none of its.
 */
export function newestRun<Run extends Purposeful>(runs: readonly Run[], attempt: number): Run | undefined {
  const run = runs.find(each => each.attempt === attempt);
  if (!run) return undefined;
  const { environment, how } = run;
  const isSame = (each: Run) => each.environment === environment && each.how === how;
  return runs.findLast(each => each.attempt >= attempt && isSame(each));
}

/** The first run for an environment: what an upload for it stands for, also where it was brought there by promotion. */
export function firstRun<Run extends Purposeful>(
  runs: readonly Run[],
  environment: string | undefined,
): Run | undefined {
  return runs.find(each => each.environment === environment) ?? runs[0];
}
