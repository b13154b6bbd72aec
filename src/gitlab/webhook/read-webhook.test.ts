import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readWebhook } from './read-webhook.ts';

const SHARED = new URL('../../../../shared/gitlab/webhooks/', import.meta.url);
const here = existsSync(SHARED);
if (!here) {
  if (process.env['CI']) throw new Error('CI must have ../shared/gitlab/webhooks');
  console.warn('NOT RUN: the recorded webhooks of ../shared/gitlab/webhooks are missing');
}
const NOTE = here ? '' : ' (NOT RUN: ../shared is missing)';

interface Loose {
  ref?: string;
  project?: { path_with_namespace?: string };
  object_attributes?: { iid?: number; noteable_type?: string; target?: { path_with_namespace?: string } };
  merge_request?: { iid: number };
  issue?: { iid: number };
}

/** Payloads from before GitLab named the project in every event. */
const NAMELESS = new Set(['issue-gitlab4j-api-01.json', 'push-webhook-01.json']);

/** A second reading of GitLab's payloads, as blunt as can be: it looks at the raw fields and at nothing else. */
function expected(kind: string, body: Loose): Record<string, unknown> {
  const project = body.project?.path_with_namespace ?? body.object_attributes?.target?.path_with_namespace;
  const where = project === undefined ? {} : { project };
  const { iid, noteable_type: on } = body.object_attributes ?? {};
  if (kind === 'merge_request') return { kind: 'merge-request', iid, ...where };
  if (kind === 'issue') return iid === undefined ? { kind: 'other' } : { kind: 'issue', iid, ...where };
  if (kind === 'push') return { kind: 'push', branch: String(body.ref).replace('refs/heads/', ''), ...where };
  if (kind === 'tag_push') return { kind: 'tag', tag: String(body.ref).replace('refs/tags/', ''), ...where };
  if (kind === 'note') {
    if (on === 'MergeRequest') return { kind: 'note', on: 'merge-request', iid: body.merge_request?.iid, ...where };
    if (on === 'Issue') return { kind: 'note', on: 'issue', iid: body.issue?.iid, ...where };
    return { kind: 'note', on: String(on).toLowerCase(), iid: null, ...where };
  }
  return { kind: 'other', ...where };
}

describe.skipIf(!here)(`recorded webhooks${NOTE}`, () => {
  const files = here ? readdirSync(SHARED).filter(name => name.endsWith('.json') && name !== 'INDEX.json') : [];

  it('are all there', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(files)('%s', file => {
    const body = JSON.parse(readFileSync(new URL(file, SHARED), 'utf8')) as Loose;
    const event = readWebhook(body);
    const kind = /^(merge_request|issue|push|tag_push|note)-/.exec(file)?.[1] ?? 'other';
    expect(event).toMatchObject(expected(kind, body));
    if (kind !== 'other' && !NAMELESS.has(file)) expect(String(event.project)).toMatch(/^[^/\s]+(\/[^/\s]+)+$/);
  });
});

describe('reading a webhook', () => {
  const project = { path_with_namespace: 'acme/tools/appliance' };

  it('sees a branch or tag that was deleted', () => {
    const after = '0'.repeat(40);
    const push = { object_kind: 'push', ref: 'refs/heads/release/5.3', after, project };
    expect(readWebhook(push)).toEqual({
      kind: 'push',
      project: 'acme/tools/appliance',
      branch: 'release/5.3',
      deleted: true,
      before: null,
      after: null,
    });
    expect(readWebhook({ ...push, object_kind: 'tag_push', ref: 'refs/tags/v1' })).toMatchObject({ deleted: true });
    expect(readWebhook({ ...push, after: 'a'.repeat(40) })).toMatchObject({ deleted: false, after: 'a'.repeat(40) });
    expect(readWebhook({ ...push, before: 'HEAD; rm' })).toMatchObject({ before: null });
  });

  it('takes the system hook and the project hook of the same event for the same thing', () => {
    const attributes = { iid: 7, action: 'open' };
    const fromProject = readWebhook({ object_kind: 'merge_request', project, object_attributes: attributes });
    const fromSystem = readWebhook({
      event_type: 'merge_request',
      event_name: 'merge_request',
      project,
      object_attributes: attributes,
    });
    expect(fromSystem).toEqual(fromProject);
    expect(fromProject).toEqual({
      kind: 'merge-request',
      project: project.path_with_namespace,
      iid: 7,
      action: 'open',
    });
  });

  it('finds the project in an address where nothing else names it', () => {
    const url = 'https://gitlab.example.com/acme/appliance/-/issues/3';
    const confidential = { event_type: 'confidential_issue', object_attributes: { iid: 3, url } };
    expect(readWebhook(confidential)).toMatchObject({ kind: 'issue', project: 'acme/appliance', iid: 3 });
  });

  it.each([
    null,
    undefined,
    5,
    'text',
    [],
    {},
    { object_kind: 7 },
    { object_kind: 'merge_request' },
    { object_kind: 'merge_request', object_attributes: { iid: '12' } },
    { object_kind: 'push', ref: 'refs/keep-around/1' },
    { object_kind: 'push', ref: ['refs/heads/main'] },
    { object_kind: 'note', object_attributes: null },
    { object_kind: 'issue', object_attributes: { iid: 1, url: 'http://[' }, project: { web_url: '::' } },
  ])('never throws: %j', payload => {
    expect(readWebhook(payload)).toHaveProperty('kind');
  });
});
