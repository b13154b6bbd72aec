import { addMember, createBotUser, createGroup, createToken, createUser } from '../state/people.ts';
import { ACCESS, type GroupRecord, type UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export interface People {
  acme: GroupRecord;
  root: UserRecord;
  bot: UserRecord;
  maintainer: UserRecord;
  developer: UserRecord;
  reporter: UserRecord;
  contributor: UserRecord;
}

/** The users are called by what they may do, and so are their tokens: `glpat-sandbox-maintainer`. */
export function seedPeople(world: World): People {
  const root = createUser(world, {
    username: 'root',
    name: 'Administrator',
    email: 'admin@example.com',
    isAdmin: true,
  });
  const acme = createGroup(world, {
    name: 'Acme',
    path: 'acme',
    ownerId: root.id,
    description: 'Everything the company builds',
  });
  const member = (username: string, name: string, level: (typeof ACCESS)[keyof typeof ACCESS] | null) => {
    const user = createUser(world, { username, name });
    if (level !== null) addMember(world, acme, user.id, level, { createdById: root.id });
    token(world, `glpat-sandbox-${username}`, user);
    return user;
  };
  member('owner', 'Owner', ACCESS.owner);
  const maintainer = member('maintainer', 'Maintainer', ACCESS.maintainer);
  const developer = member('developer', 'Developer', ACCESS.developer);
  const reporter = member('reporter', 'Reporter', ACCESS.reporter);
  member('guest', 'Guest', ACCESS.guest);
  const contributor = member('contributor', 'Contributor', ACCESS.reporter);
  member('stranger', 'Stranger', null);

  const bot = createBotUser(world, acme, 'group', 'signalbox');
  bot.username = `group_${acme.id}_bot_5a6ed0c1b2f34e7d9a8b7c6d5e4f3a2b`;
  addMember(world, acme, bot.id, ACCESS.developer, { createdById: root.id });
  token(world, 'glpat-sandbox-bot', bot, {
    kind: 'group',
    groupId: acme.id,
    accessLevel: ACCESS.developer,
    expiresAt: inDays(300),
  });
  token(world, 'glpat-sandbox-read', bot, { scopes: ['read_api'] });
  token(world, 'glpat-sandbox-expired', bot, { expiresAt: '2025-01-01' });
  token(world, 'glpat-sandbox-revoked', bot, { revoked: true });
  token(world, 'glpat-sandbox-admin', root);
  return { acme, root, bot, maintainer, developer, reporter, contributor };
}

function token(
  world: World,
  secret: string,
  user: UserRecord,
  more: Partial<Parameters<typeof createToken>[1]> = {},
): void {
  // Its name is written down by whoever looks after tokens; as at GitLab, the secret is not in it.
  createToken(world, { token: secret, userId: user.id, name: secret.replace('glpat-', ''), scopes: ['api'], ...more });
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
