import { badParameter, badRequest, notFound, unauthorized } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { demand, integer, list, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { actorOf, projectOf } from '../state/access.ts';
import { addMember, createBotUser, createToken } from '../state/people.ts';
import { ACCESS, type AccessLevel, type TokenRecord } from '../state/records.ts';

const SCOPES = [
  'api',
  'read_api',
  'read_user',
  'read_repository',
  'write_repository',
  'create_runner',
  'ai_features',
  'sudo',
  'admin_mode',
  'self_rotate',
];

function presentToken(token: TokenRecord, withSecret = false): Record<string, unknown> {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt,
    description: token.description,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt,
    active: !token.revoked && (token.expiresAt === null || Date.parse(token.expiresAt) > Date.now()),
    expires_at: token.expiresAt,
    ...(token.accessLevel === null ? {} : { access_level: token.accessLevel }),
    ...(token.kind === 'project' ? { resource_type: 'project', resource_id: token.projectId } : {}),
    ...(withSecret ? { token: token.token } : {}),
  };
}

/** What any token may ask about itself: its scopes and when it ends. */
export function getTokenSelf(call: Call): Answer {
  if (call.token === null) throw unauthorized();
  const { access_level: _level, resource_type: _type, resource_id: _id, ...rest } = presentToken(call.token);
  return ok(rest);
}

export function deleteTokenSelf(call: Call): Answer {
  if (call.token === null) throw badRequest();
  call.token.revoked = true;
  return noContent();
}

export function listTokens(call: Call): Answer {
  const { user } = actorOf(call);
  const tokens = [...call.world.tokens.values()].filter(
    token => token.kind !== 'job' && (user.isAdmin || token.userId === user.id),
  );
  return offsetPage(call, tokens, token => presentToken(token));
}

export function listProjectTokens(call: Call): Answer {
  const project = projectOf(call, ACCESS.maintainer);
  const tokens = [...call.world.tokens.values()].filter(
    token => token.kind === 'project' && token.projectId === project.id,
  );
  return offsetPage(call, tokens, token => presentToken(token));
}

/** A project access token comes with a bot user of its own, a member of this project and of no other. */
export function postProjectToken(call: Call): Answer {
  const project = projectOf(call, ACCESS.maintainer);
  const { input, world } = call;
  demand(input, 'name', 'scopes', 'expires_at');
  const name = requiredText(input, 'name');
  const scopes = list(input, 'scopes') ?? [];
  if (scopes.some(scope => !SCOPES.includes(scope))) throw badParameter('scopes does not have a valid value');
  const accessLevel = (integer(input, 'access_level') ?? ACCESS.maintainer) as AccessLevel;
  const bot = createBotUser(world, project, 'project', name);
  addMember(world, project, bot.id, accessLevel);
  const token = createToken(world, {
    kind: 'project',
    userId: bot.id,
    name,
    scopes,
    description: text(input, 'description'),
    expiresAt: text(input, 'expires_at'),
    projectId: project.id,
    accessLevel,
  });
  return created(presentToken(token, true));
}

function projectTokenOf(call: Call): TokenRecord {
  const project = projectOf(call, ACCESS.maintainer);
  const id = pathInteger(call, 'token_id');
  const token = [...call.world.tokens.values()].find(
    candidate => candidate.id === id && candidate.projectId === project.id,
  );
  if (token === undefined) throw notFound('Token');
  return token;
}

export function getProjectToken(call: Call): Answer {
  return ok(presentToken(projectTokenOf(call)));
}

/** The same token with a new secret; the old one is revoked at once. In a week unless another day is given. */
export function rotateProjectToken(call: Call): Answer {
  const old = projectTokenOf(call);
  if (old.revoked) throw badRequest('Token already revoked');
  old.revoked = true;
  const week = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  const { kind, userId, name, scopes, description, projectId, accessLevel } = old;
  const expiresAt = text(call.input, 'expires_at') ?? week;
  const token = createToken(call.world, { kind, userId, name, scopes, description, projectId, accessLevel, expiresAt });
  return ok(presentToken(token, true));
}

export function deleteProjectToken(call: Call): Answer {
  projectTokenOf(call).revoked = true;
  return noContent();
}

/** A personal token for some user, made by an admin. */
export function postImpersonationToken(call: Call): Answer {
  demand(call.input, 'name', 'scopes');
  const userId = pathInteger(call, 'id');
  if (!call.world.users.has(userId)) throw notFound('User');
  const token = createToken(call.world, {
    userId,
    name: requiredText(call.input, 'name'),
    scopes: list(call.input, 'scopes') ?? [],
    expiresAt: text(call.input, 'expires_at'),
  });
  return created({ ...presentToken(token, true), impersonation: true });
}
