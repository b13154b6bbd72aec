import { expect, it } from 'vitest';
import { type GroupRules, type Membership, roleOf } from './role-of.ts';

const nobody: Membership = { groups: [], owner: [], maintainer: [], developer: [] };
const rules: GroupRules = { allowed_groups: ['acme'], operator_role: 'developer' };

it.each<[string, Partial<Membership>, Partial<GroupRules>, string | null]>([
  ['a stranger', {}, {}, null],
  ['a member of another group', { groups: ['other'], developer: ['other'] }, {}, null],
  ['a Guest or Reporter', { groups: ['acme'] }, {}, 'viewer'],
  ['a Developer', { groups: ['acme'], developer: ['acme'] }, {}, 'operator'],
  ['a Maintainer', { groups: ['acme'], maintainer: ['acme'] }, {}, 'operator'],
  ['an Owner', { groups: ['acme'], owner: ['acme'] }, {}, 'operator'],
  ['a group written in another case', { groups: ['Acme'], developer: ['ACME'] }, {}, 'operator'],
  [
    'a Developer where Maintainers act',
    { groups: ['acme'], developer: ['acme'] },
    { operator_role: 'maintainer' },
    'viewer',
  ],
  ['a Maintainer where Owners act', { groups: ['acme'], maintainer: ['acme'] }, { operator_role: 'owner' }, 'viewer'],
  ['an Owner where Owners act', { groups: ['acme'], owner: ['acme'] }, { operator_role: 'owner' }, 'operator'],
  [
    'a role handed down',
    { groups: ['acme', 'acme/tools'], developer: ['acme'] },
    { allowed_groups: ['acme/tools'] },
    'operator',
  ],
  ['a role in a group below', { groups: ['acme/tools'], owner: ['acme/tools'] }, {}, null],
  ['a group whose name only begins alike', { groups: ['acme-two'], owner: ['acme-two'] }, {}, null],
  ['a role in another group', { groups: ['acme', 'other'], owner: ['other'] }, {}, 'viewer'],
  ['a role in a group with a like name', { groups: ['acme', 'ac'], owner: ['ac'] }, {}, 'viewer'],
  ['a member of the operators', { groups: ['leads'] }, { operator_groups: ['leads'] }, 'operator'],
  ['an Owner beside the operators', { groups: ['acme'], owner: ['acme'] }, { operator_groups: ['leads'] }, 'viewer'],
  ['an Owner where nobody is an operator', { groups: ['acme'], owner: ['acme'] }, { operator_groups: [] }, 'viewer'],
])('%s', (_who, membership, more, role) => {
  expect(roleOf({ ...nobody, ...membership }, { ...rules, ...more })).toBe(role);
});
