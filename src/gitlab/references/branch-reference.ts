/** The issue that a branch was made for, by GitLab's own habit: `123-fix-the-fan` belongs to issue 123. */
export function branchReference(branch: string): number | undefined {
  const iid = Number(/^(\d{1,10})-/.exec(branch)?.[1] ?? 0);
  return iid >= 1 && iid <= 2_147_483_647 ? iid : undefined;
}
