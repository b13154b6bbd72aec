import { ApiError, conflict, forbidden, invalid, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentUserBasic, presentUserFull, presentUserProfile } from '../present/user.ts';
import { actorOf } from '../state/access.ts';
import { createUser, findUser } from '../state/people.ts';
import type { UserRecord } from '../state/records.ts';

export function getCurrentUser(call: Call): Answer {
  const { user } = actorOf(call);
  return ok(presentUserFull(call.world, user, user.isAdmin));
}

export function listUsers(call: Call): Answer {
  const { user: viewer } = actorOf(call);
  const { input, world } = call;
  const username = text(input, 'username')?.toLowerCase();
  const search = text(input, 'search')?.toLowerCase();
  const blocked = bool(input, 'blocked');
  const active = bool(input, 'active');
  const humans =
    bool(input, 'humans') === true ||
    bool(input, 'exclude_internal') === true ||
    bool(input, 'without_project_bots') === true;
  const found = [...world.users.values()].filter(
    user =>
      (username === undefined || user.username.toLowerCase() === username) &&
      (search === undefined || `${user.username}\n${user.name}\n${user.email}`.toLowerCase().includes(search)) &&
      (blocked !== true || user.state === 'blocked') &&
      (active !== true || user.state === 'active') &&
      !(humans && user.bot),
  );
  found.sort((a, b) => (text(input, 'sort') === 'asc' ? a.id - b.id : b.id - a.id));
  return offsetPage(call, found, user =>
    viewer.isAdmin ? presentUserFull(world, user, true) : presentUserBasic(world, user),
  );
}

export function getUser(call: Call): Answer {
  const { user: viewer } = actorOf(call);
  const user = userOf(call);
  return ok(viewer.isAdmin ? presentUserFull(call.world, user, true) : presentUserProfile(call.world, user));
}

export function userOf(call: Call): UserRecord {
  const user = findUser(call.world, pathInteger(call, 'id'));
  if (user === null) throw notFound('User');
  return user;
}

export function postUser(call: Call): Answer {
  const { input, world } = call;
  const email = requiredText(input, 'email');
  const username = requiredText(input, 'username');
  const name = requiredText(input, 'name');
  if (findUser(world, username) !== null) throw conflict('Username has already been taken');
  if ([...world.users.values()].some(user => user.email === email)) throw conflict('Email has already been taken');
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(username) || /^\d+$/.test(username))
    throw invalid({ username: ['is invalid'] });
  const password = text(input, 'password');
  if (password === null && bool(input, 'reset_password') !== true && bool(input, 'force_random_password') !== true) {
    throw new ApiError(400, {
      error: 'password, reset_password, force_random_password are missing, at least one parameter must be provided',
    });
  }
  const user = createUser(world, { username, name, email, isAdmin: bool(input, 'admin') ?? false });
  return created(presentUserFull(world, user, true));
}

export function putUser(call: Call): Answer {
  const user = userOf(call);
  const { input } = call;
  user.name = text(input, 'name') ?? user.name;
  user.email = text(input, 'email') ?? user.email;
  user.bio = text(input, 'bio') ?? user.bio;
  user.isAdmin = bool(input, 'admin') ?? user.isAdmin;
  for (const [name, value] of Object.entries(input)) user.extra[name] = value;
  const provider = text(input, 'provider');
  if (provider !== null)
    user.extra['identities'] = [{ provider, extern_uid: text(input, 'extern_uid'), saml_provider_id: null }];
  return ok(presentUserFull(call.world, user, true));
}

export function deleteUser(call: Call): Answer {
  const user = userOf(call);
  call.world.users.delete(user.id);
  for (const token of call.world.tokens.values()) if (token.userId === user.id) token.revoked = true;
  return noContent();
}

/** `POST /users/:id/block` and its kin: `true`, 403 when it makes no sense, `null` when already blocked. */
export function changeUserState(from: UserRecord['state'][], to: UserRecord['state']): (call: Call) => Answer {
  return call => {
    const user = userOf(call);
    if (user.state === to && to === 'blocked') return created(null);
    if (user.state === to) return created(false);
    if (!from.includes(user.state)) throw forbidden();
    user.state = to;
    return created(true);
  };
}
