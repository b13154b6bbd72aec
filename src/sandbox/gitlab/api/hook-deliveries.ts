import { randomUUID } from 'node:crypto';
import { transmit } from '../delivery/deliver.ts';
import { issuePayload } from '../events/issue-event.ts';
import { mergeRequestPayload } from '../events/merge-request-event.ts';
import { notePayload } from '../events/note-event.ts';
import { pushPayload, ZERO } from '../events/push-event.ts';
import { badParameter, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created } from '../http/call.ts';
import { pathInteger } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentHookLog } from '../present/hook.ts';
import { actorOf } from '../state/access.ts';
import { withinLimit } from '../state/limits.ts';
import { HOOK_EVENTS, type HookRecord, type ProjectRecord } from '../state/records.ts';
import { since } from '../state/world.ts';
import { type HookKind, hookOf, statusFilter, tooMany } from './hooks.ts';

const EVENTS_PER_PAGE = 20;
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/** The delivery log, newest first: from 17.3 on, for 7 days, 20 at most on a page. */
export function listHookEvents(kind: HookKind): (call: Call) => Answer {
  return call => {
    if (!since(call.world, 17, 3)) throw notFound();
    const hook = hookOf(call, kind);
    const matches = statusFilter(call);
    const oldest = Date.now() - KEEP_MS;
    const logs = hook.log.filter(
      log => Date.parse(log.createdAt) >= oldest && (matches === null || matches(log.responseStatus)),
    );
    return offsetPage(call, logs.reverse(), presentHookLog, EVENTS_PER_PAGE);
  };
}

/** Sends a logged delivery again, with the same Idempotency-Key. 17.4 and up, five a minute. */
export function resendHookEvent(kind: HookKind): (call: Call) => Promise<Answer> {
  return async call => {
    if (!since(call.world, 17, 4)) throw notFound();
    const hook = hookOf(call, kind);
    const id = pathInteger(call, 'event_id');
    const log = hook.log.find(candidate => candidate.id === id);
    if (log === undefined) throw notFound();
    if (!withinLimit(call.world, `resend:${hook.id}:${actorOf(call).user.id}`, call.world.settings.limits.hookTest, 60))
      throw tooMany();
    if (log.url !== hook.url) throw refuse(422, 'The hook URL has changed. This log entry cannot be retried.');
    const response = await transmit(
      call.world,
      hook,
      log.trigger.replace(/_hooks$/, '_events'),
      {
        idempotencyKey: log.idempotencyKey,
        eventName: log.requestHeaders['X-Gitlab-Event'] ?? '',
        eventUuid: log.requestHeaders['X-Gitlab-Event-UUID'] ?? randomUUID(),
      },
      Buffer.from(log.requestBody),
    );
    if (response.error !== null) throw refuse(422, response.error);
    return created({ response_status: Number(response.status) });
  };
}

/**
 * The Test button. For merge requests it sends the newest one as `open`, also when that one was merged long ago.
 * A 2xx answer also wakes a hook that was switched off.
 */
export async function testProjectHook(call: Call): Promise<Answer> {
  const hook = hookOf(call, 'project');
  const project = call.world.projects.get(hook.projectId ?? 0);
  const trigger = call.params['trigger'] ?? '';
  if (!(HOOK_EVENTS as readonly string[]).includes(trigger)) throw badParameter('trigger does not have a valid value');
  if (project === undefined) throw notFound();
  if (!withinLimit(call.world, `test:${project.id}:${actorOf(call).user.id}`, call.world.settings.limits.hookTest, 60))
    throw tooMany();
  const sample = await sampleOf(call, project, trigger);
  return deliverTest(call, hook, trigger, sample.eventName, sample.body);
}

/** Tests of system hooks send a body without any action. */
export async function testSystemHook(call: Call): Promise<Answer> {
  const body = {
    event_name: 'project_create',
    name: 'Ruby',
    path: 'ruby',
    project_id: 1,
    owner_name: 'Someone',
    owner_email: 'example@gitlabhq.com',
  };
  return deliverTest(call, hookOf(call, 'system'), 'push_events', 'System Hook', body);
}

async function deliverTest(
  call: Call,
  hook: HookRecord,
  trigger: string,
  eventName: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  const identity = { idempotencyKey: randomUUID(), eventName, eventUuid: randomUUID() };
  const response = await transmit(call.world, hook, trigger, identity, Buffer.from(JSON.stringify(body)));
  if (response.error !== null || !/^[23]\d\d$/.test(response.status)) {
    throw refuse(422, response.error ?? `Hook executed successfully but returned HTTP ${response.status}`);
  }
  return created({ message: '201 Created' });
}

async function sampleOf(
  call: Call,
  project: ProjectRecord,
  trigger: string,
): Promise<{ eventName: string; body: Record<string, unknown> }> {
  const { world } = call;
  const actor = actorOf(call);
  const newest = <T extends { id: number }>(items: Iterable<T>) => [...items].sort((a, b) => b.id - a.id)[0];
  switch (trigger) {
    case 'merge_requests_events': {
      const item = newest(project.mergeRequests.values());
      if (item === undefined) throw refuse(422, 'Ensure the project has merge requests.');
      const commit = await project.repository.commit(item.headSha);
      return {
        eventName: 'Merge Request Hook',
        body: mergeRequestPayload(world, actor, project, item, commit, 'open', {}),
      };
    }
    case 'issues_events':
    case 'confidential_issues_events': {
      const issue = newest(project.issues.values());
      if (issue === undefined) throw refuse(422, 'Ensure the project has issues.');
      return { eventName: 'Issue Hook', body: issuePayload(world, actor, project, issue, 'open', {}) };
    }
    case 'note_events':
    case 'confidential_note_events': {
      const owners = [...project.issues.values(), ...project.mergeRequests.values()];
      const note = newest(owners.flatMap(owner => owner.notes.filter(candidate => !candidate.system)));
      if (note === undefined) throw refuse(422, 'Ensure the project has notes.');
      const owner = owners.find(candidate => candidate.notes.includes(note)) ?? null;
      return { eventName: 'Note Hook', body: await notePayload(world, actor, project, owner, note, 'create') };
    }
    case 'tag_push_events':
    case 'push_events': {
      const [commit, parent] = await project.repository.log({ limit: 2 });
      if (commit === undefined) throw refuse(422, 'Ensure the project has at least one commit.');
      const ref = trigger === 'push_events' ? `refs/heads/${project.defaultBranch}` : 'refs/tags/v1.0.0';
      const before = trigger === 'push_events' ? (parent?.sha ?? ZERO) : ZERO;
      const body = await pushPayload(world, actor, project, { ref, before, after: commit.sha });
      return { eventName: trigger === 'push_events' ? 'Push Hook' : 'Tag Push Hook', body };
    }
    default:
      throw refuse(422, `Ensure the project has ${trigger.replace(/_events$/, '').replaceAll('_', ' ')}.`);
  }
}
