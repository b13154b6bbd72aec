import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { BoardRules, ColumnEvent } from './facts.ts';

/** `acme/appliance#12` */
export function parseIssue(subject: string): { project: string; iid: number } {
  const at = subject.lastIndexOf('#');
  return { project: subject.slice(0, at), iid: Number(subject.slice(at + 1)) };
}

/** Who put the issue into which column, oldest first. */
export async function readColumnEvents(
  gitlab: GitLab,
  project: string,
  iid: number,
  { columns }: Pick<BoardRules, 'columns'>,
): Promise<ColumnEvent[]> {
  const [me, events] = await Promise.all([gitlab.me(), gitlab.issues.labelEvents(project, iid)]);
  return events.flatMap(({ id, action, label, user, created_at }) => {
    if (!label || !columns.includes(label.name)) return [];
    const by = user?.username ?? 'somebody';
    return [{ id, action, column: label.name, ours: user?.id === me.id, by, at: Date.parse(created_at) }];
  });
}
