import { z } from 'zod';

/**
 * What a webhook is about, and nothing more: which project, which thing. Everything else in it is hearsay (GitLab leaves
 * `changes` out on retargets, sends `open` for merged requests from its Test button, and so on), so it is not read.
 */
export type GitLabEvent =
  | { kind: 'merge-request'; project: string | null; iid: number; action: string | null }
  | { kind: 'issue'; project: string | null; iid: number; action: string | null }
  | {
      kind: 'note';
      project: string | null;
      on: 'merge-request' | 'issue' | 'commit' | 'snippet' | 'other';
      iid: number | null;
    }
  | {
      kind: 'push';
      project: string | null;
      branch: string;
      deleted: boolean;
      /** Where the branch is said to have been, and to be: commits to look for in the repository, where they are or are not. */
      before: string | null;
      after: string | null;
    }
  | { kind: 'tag'; project: string | null; tag: string; deleted: boolean }
  | { kind: 'other'; project: string | null; name: string };

const project = z.object({ path_with_namespace: z.string().optional(), web_url: z.string().optional() }).nullish();

const attributes = z.object({
  iid: z.number().nullish(),
  action: z.string().nullish(),
  url: z.string().nullish(),
  noteable_type: z.string().nullish(),
  target: project,
});

const numbered = z.object({ iid: z.number() }).nullish();

const payloadSchema = z.object({
  object_kind: z.string().optional(),
  event_name: z.string().optional(),
  event_type: z.string().optional(),
  ref: z.string().optional(),
  before: z.string().nullish(),
  after: z.string().nullish(),
  project,
  object_attributes: attributes.nullish(),
  merge_request: numbered,
  issue: numbered,
  path_with_namespace: z.string().optional(),
});

type Payload = z.infer<typeof payloadSchema>;

/** Reads a payload of project, group and system hooks alike. Never throws: a shape that it does not know is `other`. */
export function readWebhook(payload: unknown): GitLabEvent {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) return { kind: 'other', project: null, name: 'unreadable' };
  const body = parsed.data;
  const name = body.object_kind ?? body.event_type ?? body.event_name ?? '';
  const where = projectOf(body);
  const iid = body.object_attributes?.iid ?? null;
  const action = body.object_attributes?.action ?? null;
  switch (name) {
    case 'merge_request':
      if (iid !== null) return { kind: 'merge-request', project: where, iid, action };
      break;
    case 'issue':
    case 'confidential_issue':
    case 'work_item':
      if (iid !== null) return { kind: 'issue', project: where, iid, action };
      break;
    case 'note':
    case 'confidential_note':
      return readNote(body, where);
    case 'push':
      if (body.ref?.startsWith('refs/heads/')) {
        return {
          kind: 'push',
          project: where,
          branch: body.ref.slice('refs/heads/'.length),
          deleted: isZero(body.after),
          before: commitId(body.before),
          after: commitId(body.after),
        };
      }
      break;
    case 'tag_push':
      if (body.ref?.startsWith('refs/tags/')) {
        return { kind: 'tag', project: where, tag: body.ref.slice('refs/tags/'.length), deleted: isZero(body.after) };
      }
      break;
  }
  return { kind: 'other', project: where, name };
}

const NOTEABLES: Record<string, 'merge-request' | 'issue' | 'commit' | 'snippet' | undefined> = {
  MergeRequest: 'merge-request',
  Issue: 'issue',
  WorkItem: 'issue',
  Commit: 'commit',
  Snippet: 'snippet',
};

function readNote(body: Payload, where: string | null): GitLabEvent {
  const on = NOTEABLES[body.object_attributes?.noteable_type ?? ''] ?? 'other';
  const iid = on === 'merge-request' ? body.merge_request?.iid : on === 'issue' ? body.issue?.iid : null;
  return { kind: 'note', project: where, on, iid: iid ?? null };
}

/** `acme/appliance`, from wherever this kind of event has it. */
function projectOf(body: Payload): string | null {
  const candidates = [body.project, body.object_attributes?.target];
  for (const candidate of candidates) if (candidate?.path_with_namespace) return candidate.path_with_namespace;
  if (body.path_with_namespace) return body.path_with_namespace;
  return pathInUrl(body.object_attributes?.url ?? body.project?.web_url ?? '');
}

function pathInUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const path = new URL(url).pathname.replace(/^\//, '').split('/-/')[0] ?? '';
  const project = path.replace(/\/(issues|merge_requests|commit|snippets)\/.*$/, '');
  return project.includes('/') ? project : null;
}

function isZero(sha: string | null | undefined): boolean {
  return typeof sha === 'string' && /^0+$/.test(sha);
}

function commitId(sha: string | null | undefined): string | null {
  return typeof sha === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) && !isZero(sha) ? sha : null;
}
