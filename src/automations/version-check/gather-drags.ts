import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Drag } from './facts.ts';

export interface DragQuestion {
  gitlab: GitLab;
  project: string;
  /** Newest first. */
  lines: readonly { name: string; branch: string }[];
  head: string;
  target: string;
  targetBranch: string;
}

/**
 * The other lines whose commits the head would bring into the target. For a line L, the newest commit that it shares with the
 * head is `m`; when the target does not have `m`, the head drags it in. All answers hang on commit ids and are remembered.
 */
export async function gatherDrags(question: DragQuestion): Promise<Drag[]> {
  const { gitlab, project, lines, head, target, targetBranch } = question;
  const contains = async (commit: string, descendant: string) =>
    (await gitlab.repository.mergeBase(project, commit, descendant)) === commit;
  const tips = await Promise.all(
    lines.map(async line => {
      if (line.branch === targetBranch) return { ...line, tip: target };
      const branch = await gitlab.repository.findBranch(project, line.branch);
      return { ...line, tip: branch?.commit.id ?? null };
    }),
  );
  const drags = await Promise.all(
    tips.map(async ({ name, branch, tip }): Promise<Drag | null> => {
      if (branch === targetBranch || tip === null) return null;
      const mergeBase = await gitlab.repository.mergeBase(project, head, tip);
      if (mergeBase === null || (await contains(mergeBase, target))) return null;
      let lowest = name;
      for (const older of tips.toReversed()) {
        if (older.tip === null || !(await contains(mergeBase, older.tip))) continue;
        lowest = older.name;
        break;
      }
      return { line: name, branch, mergeBase, all: mergeBase === head, lowest };
    }),
  );
  return drags.filter(drag => drag !== null);
}
