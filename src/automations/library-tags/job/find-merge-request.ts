import type { MergeRequestFact } from '../snapshot.ts';
import { callGitLab, type GitLabAccess } from './gitlab-call.ts';

/**
 * The merge request by which a commit came to its branch: GET commits/:sha/merge_requests, which a job token may call. Null
 * when it came without one; `unreadable` with GitLab's words when the token may not see them.
 */
export async function findMergeRequest(
  access: GitLabAccess,
  commit: string,
  branch: string,
): Promise<MergeRequestFact | null | { unreadable: string }> {
  const answer = await callGitLab(access, 'GET', `/repository/commits/${commit}/merge_requests`);
  if (answer.status !== 200 || !Array.isArray(answer.body)) {
    return { unreadable: `${answer.status} ${answer.words}`.trim() };
  }
  const merged = answer.body
    .map(item => (item ?? {}) as Record<string, unknown>)
    .filter(item => item['state'] === 'merged' && item['target_branch'] === branch);
  const byCommit = merged.find(item =>
    [item['merge_commit_sha'], item['squash_commit_sha'], item['sha']].includes(commit),
  );
  return byCommit ? toFact(byCommit) : null;
}

function toFact(item: Record<string, unknown>): MergeRequestFact {
  const references = (item['references'] ?? {}) as Record<string, unknown>;
  const labels = Array.isArray(item['labels']) ? item['labels'] : [];
  return {
    reference: text(references['full']) || `!${text(item['iid'])}`,
    title: text(item['title']),
    description: text(item['description']),
    labels: labels.filter(label => typeof label === 'string'),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
