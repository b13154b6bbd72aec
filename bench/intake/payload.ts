import { createHash } from 'node:crypto';

/** A merge-request payload of about 30 KB with GitLab's fields: long description, labels, reviewers, changes. The same in every run. */
export function mergeRequestPayload(bytes = 30_000): Buffer {
  const sha = (seed: number) => createHash('sha1').update(`${seed}`).digest('hex');
  const user = (id: number) => ({
    id,
    name: `Person ${id}`,
    username: `person-${id}`,
    avatar_url: `https://gitlab.example.com/uploads/-/system/user/avatar/${id}/${sha(id)}.png`,
    email: '[REDACTED]',
  });
  const label = (id: number) => ({
    id,
    title: `area::${sha(id).slice(0, 8)}`,
    color: `#${sha(id).slice(0, 6)}`,
    project_id: 7,
    created_at: '2026-01-15 10:00:00 UTC',
    updated_at: '2026-01-15 10:00:00 UTC',
    template: false,
    description: `Work on part ${sha(id + 1).slice(0, 12)} of the product`,
    type: 'ProjectLabel',
    group_id: null,
  });
  const labels = Array.from({ length: 12 }, (_, id) => label(id));
  const payload = {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: user(1),
    project: { id: 7, name: 'appliance', path_with_namespace: 'acme/appliance', default_branch: 'main' },
    object_attributes: {
      iid: 42,
      action: 'update',
      source_branch: 'feature/retry',
      target_branch: 'release/5.3',
      oldrev: sha(100),
      last_commit: { id: sha(101), message: 'Retry when the link is lost', author: { name: 'Person 1' } },
      description: '',
      url: 'https://gitlab.example.com/acme/appliance/-/merge_requests/42',
    },
    labels,
    changes: { labels: { previous: labels.slice(1), current: labels }, updated_at: { previous: null, current: null } },
    assignees: [2, 3].map(user),
    reviewers: [4, 5, 6].map(user),
  };
  const lines: string[] = [];
  for (let line = 0; Buffer.byteLength(JSON.stringify(payload)) < bytes; line++) {
    const id = sha(1000 + line);
    lines.push(
      `- [x] step ${line}: commit ${id.slice(0, 12)} touches \`src/part-${id.slice(12, 16)}/link.c\` and its test`,
    );
    payload.object_attributes.description = lines.join('\n');
  }
  return Buffer.from(JSON.stringify(payload));
}
