import { GitError } from '../../git/repository.ts';
import { notFound } from '../http/api-error.ts';
import { type Answer, type Call, ok } from '../http/call.ts';
import { bool, text } from '../http/input.ts';
import { keysetHeaders, keysetStart, offsetPage, pageOf, wantsKeyset } from '../http/paginate.ts';
import { codeProjectOf } from '../state/access.ts';

export async function getTree(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const ref = text(call.input, 'ref') ?? project.defaultBranch;
  const sha = await project.repository.resolve(ref);
  if (sha === null) throw notFound('Tree');
  let entries: Awaited<ReturnType<typeof project.repository.tree>>;
  try {
    entries = await project.repository.tree(sha, {
      path: text(call.input, 'path') ?? undefined,
      recursive: bool(call.input, 'recursive') ?? undefined,
    });
  } catch (error) {
    if (error instanceof GitError) throw notFound('invalid revision or path');
    throw error;
  }
  if (!wantsKeyset(call)) return offsetPage(call, entries, entry => entry);
  const { perPage } = pageOf(call);
  const start = keysetStart(call, entries, entry => entry.id, 'page_token');
  return ok(
    entries.slice(start, start + perPage),
    keysetHeaders(call, entries, start, perPage, entry => entry.id, 'page_token'),
  );
}

export function getBlob(raw: boolean): (call: Call) => Promise<Answer> {
  return async call => {
    const project = codeProjectOf(call);
    const id = call.params['sha'] ?? '';
    const content = await project.repository.blob(id);
    if (content === null) throw notFound('Blob');
    if (raw) return { status: 200, body: content, headers: { 'content-type': 'text/plain' } };
    return ok({ size: content.length, encoding: 'base64', content: content.toString('base64'), sha: id });
  };
}

export async function listContributors(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const people = new Map<
    string,
    { name: string; email: string; commits: number; additions: number; deletions: number }
  >();
  for (const commit of await project.repository.log({ revision: text(call.input, 'ref') ?? project.defaultBranch })) {
    const known = people.get(commit.authorEmail) ?? {
      name: commit.authorName,
      email: commit.authorEmail,
      commits: 0,
      additions: 0,
      deletions: 0,
    };
    known.commits += 1;
    people.set(commit.authorEmail, known);
  }
  return offsetPage(
    call,
    [...people.values()].sort((a, b) => b.commits - a.commits),
    person => person,
  );
}
