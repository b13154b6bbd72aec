import { badParameter, conflict, forbidden, invalid, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { demand, integer, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { actorOf, projectOf, projectRole } from '../state/access.ts';
import { ACCESS, type ProjectRecord, type StatusCheckRecord } from '../state/records.ts';
import { licensed, nextId, now } from '../state/world.ts';
import { mergeRequestOf } from './merge-requests.ts';

/** External status checks are Ultimate: below, the routes answer 404. */
function licensedProject(call: Call, minimum: number): ProjectRecord {
  const project = projectOf(call, minimum);
  if (!licensed(call.world, 'ultimate')) throw notFound();
  return project;
}

function present(check: StatusCheckRecord, project: ProjectRecord): Record<string, unknown> {
  return {
    id: check.id,
    name: check.name,
    project_id: project.id,
    external_url: check.externalUrl,
    hmac: check.hmac !== null,
    protected_branches: [],
  };
}

export function listStatusChecks(call: Call): Answer {
  const project = licensedProject(call, ACCESS.developer);
  return offsetPage(call, [...project.statusChecks.values()], check => present(check, project));
}

export function postStatusCheck(call: Call): Answer {
  const project = licensedProject(call, ACCESS.maintainer);
  const { input, world } = call;
  demand(input, 'name', 'external_url');
  const name = requiredText(input, 'name');
  if ([...project.statusChecks.values()].some(check => check.name === name))
    throw invalid({ name: ['has already been taken'] });
  const check: StatusCheckRecord = {
    id: nextId(world, 'status_checks'),
    name,
    externalUrl: requiredText(input, 'external_url'),
    hmac: text(input, 'shared_secret'),
    answers: new Map(),
  };
  project.statusChecks.set(check.id, check);
  return created(present(check, project));
}

export function deleteStatusCheck(call: Call): Answer {
  const project = licensedProject(call, ACCESS.maintainer);
  if (!project.statusChecks.delete(pathInteger(call, 'check_id'))) throw notFound();
  return noContent();
}

export function listMergeRequestChecks(call: Call): Answer {
  const { project, item } = mergeRequestOf(call);
  if (!licensed(call.world, 'ultimate')) throw notFound();
  return offsetPage(call, [...project.statusChecks.values()], check => ({
    id: check.id,
    name: check.name,
    external_url: check.externalUrl,
    status: check.answers.get(`${item.id}:${item.headSha}`) ?? 'pending',
  }));
}

/** The verdict of an outside service: only for the head as it is now, 409 otherwise. */
export function postCheckResponse(call: Call): Answer {
  const { project, item } = mergeRequestOf(call);
  if (!licensed(call.world, 'ultimate')) throw notFound();
  actorOf(call);
  if (projectRole(call.world, call.user, project) < ACCESS.developer) throw forbidden();
  demand(call.input, 'sha', 'external_status_check_id', 'status');
  const status = oneOf(call.input, 'status', ['pending', 'passed', 'failed']);
  const check = project.statusChecks.get(integer(call.input, 'external_status_check_id') ?? 0);
  if (check === undefined) throw notFound();
  if (status === null) throw badParameter('status is missing');
  if (requiredText(call.input, 'sha') !== item.headSha)
    throw conflict("409 External status check response: 'sha' does not match the latest commit of the merge request");
  check.answers.set(`${item.id}:${item.headSha}`, status);
  return created({
    id: nextId(call.world, 'check_responses'),
    merge_request: { id: item.id, iid: item.iid },
    external_status_check: present(check, project),
    responded_at: now(call.world),
  });
}

export function getStatusCheck(call: Call): Answer {
  const project = licensedProject(call, ACCESS.developer);
  const check = project.statusChecks.get(pathInteger(call, 'check_id'));
  if (check === undefined) throw notFound();
  return ok(present(check, project));
}
