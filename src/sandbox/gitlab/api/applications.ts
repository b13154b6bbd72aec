import { randomBytes } from 'node:crypto';
import { badParameter, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent } from '../http/call.ts';
import { bool, demand, pathInteger, requiredText } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import type { ApplicationRecord } from '../oauth/records.ts';
import { nextId } from '../state/world.ts';

const SCOPES = ['api', 'read_api', 'read_user', 'openid', 'profile', 'email'];

function presentApplication(application: ApplicationRecord): Record<string, unknown> {
  return {
    id: application.id,
    application_id: application.uid,
    application_name: application.name,
    callback_url: application.redirectUris.join('\n'),
    confidential: application.confidential,
  };
}

/** The secret is in this one answer only. */
export function postApplication(call: Call): Answer {
  const { world, input } = call;
  demand(input, 'name', 'redirect_uri', 'scopes');
  const scopes = requiredText(input, 'scopes').split(/[\s,]+/);
  if (scopes.some(scope => !SCOPES.includes(scope))) throw badParameter('scopes does not have a valid value');
  const application: ApplicationRecord = {
    id: nextId(world, 'applications'),
    uid: randomBytes(32).toString('hex'),
    secret: `gloas-${randomBytes(32).toString('hex')}`,
    name: requiredText(input, 'name'),
    redirectUris: requiredText(input, 'redirect_uri').split(/\s+/),
    scopes,
    confidential: bool(input, 'confidential') ?? true,
  };
  world.oauth.applications.set(application.uid, application);
  return created({ ...presentApplication(application), secret: application.secret });
}

export function listApplications(call: Call): Answer {
  return offsetPage(call, [...call.world.oauth.applications.values()], presentApplication);
}

export function deleteApplication(call: Call): Answer {
  const id = pathInteger(call, 'application_id');
  const found = [...call.world.oauth.applications.values()].find(application => application.id === id);
  if (!found) throw notFound('Application');
  call.world.oauth.applications.delete(found.uid);
  return noContent();
}
