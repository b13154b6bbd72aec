import { createHash } from 'node:crypto';
import { type FileContent, GitError } from '../../git/repository.ts';
import { ApiError, badParameter, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, demand, oneOf, requiredText, text } from '../http/input.ts';
import { presentCommit } from '../present/commit.ts';
import { actorOf, codeProjectOf } from '../state/access.ts';
import { actingAs } from '../state/acting.ts';
import type { ProjectRecord } from '../state/records.ts';
import { mayPush } from './branches.ts';

interface Found {
  project: ProjectRecord;
  path: string;
  ref: string;
  commitSha: string;
  file: FileContent;
}

/** The two 404s tell apart what a client must treat apart: `404 Commit Not Found` and `404 File Not Found`. */
async function find(call: Call, ref: string): Promise<Found> {
  const project = codeProjectOf(call);
  const path = call.params['file_path'] ?? '';
  const commitSha = await project.repository.resolve(ref);
  if (commitSha === null) throw notFound('Commit');
  const file = await project.repository.readFile(commitSha, path);
  if (file === null) throw notFound('File');
  return { project, path, ref, commitSha, file };
}

function fields({ path, ref, commitSha, file }: Found): Record<string, string | number | boolean> {
  return {
    file_name: path.split('/').at(-1) ?? path,
    file_path: path,
    size: file.size,
    encoding: 'base64',
    content_sha256: createHash('sha256').update(file.content).digest('hex'),
    ref,
    blob_id: file.blobId,
    commit_id: commitSha,
    last_commit_id: file.lastCommitId,
    execute_filemode: file.mode === '100755',
  };
}

function headers(found: Found): Record<string, string> {
  const entries = Object.entries(fields(found)).map(([name, value]) => {
    const header = name
      .split('_')
      .map(word => (word === 'sha256' ? 'Sha256' : word.charAt(0).toUpperCase() + word.slice(1)))
      .join('-');
    return [`X-Gitlab-${header}`, encodeHeader(String(value))];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Node refuses what is not Latin-1 in a header; Rails sends the bytes. */
function encodeHeader(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

export async function getFile(call: Call): Promise<Answer> {
  const ref = requiredText(call.input, 'ref');
  const found = await find(call, ref);
  if (call.method === 'HEAD')
    return { status: 200, headers: { ...headers(found), 'content-type': 'application/json' } };
  return ok({ ...fields(found), content: found.file.content.toString('base64') }, headers(found));
}

export async function getRawFile(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const found = await find(call, text(call.input, 'ref') ?? project.defaultBranch);
  return {
    status: 200,
    body: found.file.content,
    headers: {
      'content-type': 'text/plain',
      'content-disposition': `inline; filename="${encodeURIComponent(found.path.split('/').at(-1) ?? '')}"`,
      ...headers(found),
    },
  };
}

/** Line by line with the commit that last touched the file: enough for clients, not a real blame. */
export async function getBlame(call: Call): Promise<Answer> {
  const found = await find(call, requiredText(call.input, 'ref'));
  const commit = await found.project.repository.commit(found.file.lastCommitId);
  if (commit === null) throw notFound('Commit');
  const {
    web_url: _url,
    trailers: _trailers,
    extended_trailers: _extended,
    title: _title,
    short_id: _short,
    created_at: _at,
    ...rest
  } = presentCommit(call.world, found.project, commit);
  return ok(
    [{ commit: rest, lines: found.file.content.toString('utf8').replace(/\n$/, '').split('\n') }],
    headers(found),
  );
}

/** Create, update and delete share their parameters and their refusals. */
export function writeFile(action: 'create' | 'update' | 'delete'): (call: Call) => Promise<Answer> {
  return async call => {
    const { input } = call;
    const project = codeProjectOf(call);
    const actor = actorOf(call);
    const path = call.params['file_path'] ?? '';
    demand(input, 'branch', 'commit_message', ...(action === 'delete' ? [] : ['content']));
    const branch = requiredText(input, 'branch');
    if (!mayPush(call, project, branch, call.user)) throw forbidden('You are not allowed to push into this branch');
    const start = text(input, 'start_branch') ?? text(input, 'start_sha');
    try {
      await actingAs(actor, () =>
        project.repository.commitFiles({
          branch,
          ...(start === null ? {} : { startRevision: start }),
          message: requiredText(input, 'commit_message'),
          author: {
            name: text(input, 'author_name') ?? actor.user.name,
            email: text(input, 'author_email') ?? actor.user.email,
          },
          committer: { name: actor.user.name, email: actor.user.email },
          actions: [
            {
              action,
              path,
              ...(action === 'delete' ? {} : { content: contentOf(input) }),
              ...(text(input, 'last_commit_id') === null ? {} : { lastCommitId: text(input, 'last_commit_id')! }),
              ...(bool(input, 'execute_filemode') === null ? {} : { executable: bool(input, 'execute_filemode')! }),
            },
          ],
        }),
      );
    } catch (error) {
      throw asRefusal(error);
    }
    if (action === 'delete') return noContent();
    const body = { file_path: path, branch };
    return action === 'create' ? created(body) : ok(body);
  };
}

export function contentOf(input: Record<string, unknown>): Buffer {
  const encoding = oneOf(input, 'encoding', ['text', 'base64']) ?? 'text';
  const content = text(input, 'content') ?? '';
  if (encoding === 'base64' && !/^[A-Za-z0-9+/=\s]*$/.test(content)) throw badParameter('content is invalid');
  return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
}

/** Git's refusals become 400 with the reason, as GitLab's commit API answers. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof ApiError || !(error instanceof GitError)) return error;
  return refuse(400, error.message);
}
