import type { ProjectRecord } from '../state/records.ts';

const FILES_SEARCHED = 500;
const LINES_AROUND = 2;

/** Lines of files at a ref that contain a text, with two lines around, as scope `blobs` gives them. */
export async function findText(
  project: ProjectRecord,
  ref: string | null,
  wanted: string,
): Promise<Record<string, unknown>[]> {
  const revision = ref ?? project.defaultBranch;
  const sha = await project.repository.resolve(revision);
  if (sha === null) return [];
  const files = (await project.repository.tree(sha, { recursive: true })).filter(entry => entry.type === 'blob');
  const found: Record<string, unknown>[] = [];
  for (const file of files.slice(0, FILES_SEARCHED)) {
    const content = await project.repository.blob(file.id);
    if (content === null || content.includes(0)) continue;
    const lines = content.toString('utf8').split('\n');
    const at = lines.findIndex(line => line.toLowerCase().includes(wanted));
    if (at < 0 && !file.path.toLowerCase().includes(wanted)) continue;
    const start = Math.max(0, at - LINES_AROUND);
    found.push({
      basename: file.path.replace(/\.[^./]+$/, ''),
      data: `${lines.slice(start, Math.max(0, at) + LINES_AROUND + 1).join('\n')}\n`,
      path: file.path,
      filename: file.path,
      id: null,
      ref: revision,
      startline: start + 1,
      project_id: project.id,
    });
  }
  return found;
}
