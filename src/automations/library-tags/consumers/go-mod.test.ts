import { expect, it } from 'vitest';
import { chooseVersion, unmetRequirements } from './choose-version.ts';
import { readRequirements, setRequirement } from './go-mod.ts';

const GO_MOD = `module x.com/product

go 1.24

require x.com/single v1.0.0

require (
\tx.com/lib v1.2.3 // indirect
\t"x.com/quoted" v0.1.0
\tx.com/kept v1.0.0 // pinned: the next one is slow
\tx.com/away v1.0.0
\tx.com/lib/v2 v2.0.1
)

exclude (
\tx.com/lib v1.2.4
)

replace x.com/away => ../away
`;

it('reads what is required, and what is kept on purpose', () => {
  expect(readRequirements(GO_MOD)).toEqual([
    { path: 'x.com/single', version: 'v1.0.0', pinned: false },
    { path: 'x.com/lib', version: 'v1.2.3', pinned: false },
    { path: 'x.com/quoted', version: 'v0.1.0', pinned: false },
    { path: 'x.com/kept', version: 'v1.0.0', pinned: true },
    { path: 'x.com/lib/v2', version: 'v2.0.1', pinned: false },
  ]);
});

it.each([
  ['x.com/single', 'require x.com/single v1.0.0', 'require x.com/single v9.9.9'],
  ['x.com/lib', '\tx.com/lib v1.2.3 // indirect', '\tx.com/lib v9.9.9 // indirect'],
  ['x.com/quoted', '\t"x.com/quoted" v0.1.0', '\t"x.com/quoted" v9.9.9'],
  ['x.com/none', '', ''],
])('changes the version of %s and nothing else', (path, before, after) => {
  expect(setRequirement(GO_MOD, path, 'v9.9.9')).toBe(GO_MOD.replace(before, after));
  expect(setRequirement(GO_MOD.replaceAll('\n', '\r\n'), path, 'v9.9.9')).toBe(
    GO_MOD.replace(before, after).replaceAll('\n', '\r\n'),
  );
});

it.each([
  ['v1.2.3', ['v1.2.4', 'v1.10.0', 'v1.3.0-rc.1', 'v1.99.0+x', 'v2.0.0'], false, 'v1.10.0'],
  ['v1.2.3', ['v1.2.4', 'v1.2.10', 'v1.10.0'], true, 'v1.2.10'],
  ['v1.2.3', ['v1.2.3', 'v1.2.2'], false, null],
  ['v2.0.1', ['v1.9.0', 'v2.1.0', 'v3.0.0'], false, 'v2.1.0'],
  ['v0.9.0', ['v1.0.0'], false, 'v1.0.0'],
  ['v0.0.0-20260101000000-abcdefabcdef', ['v0.0.1'], false, 'v0.0.1'],
  ['v0.0.0-20260101000000-abcdefabcdef', ['v0.1.0'], true, null],
])('from %s among %j (a release branch: %s): %s', (current, available, line, expected) => {
  expect(chooseVersion(current, available, line)).toBe(expected);
});

it('knows what a new version asks for that its consumer does not have', () => {
  const has = [{ path: 'a', version: 'v1.1.0' }];
  const before = [{ path: 'old', version: 'v1.0.0' }];
  const after = [
    { path: 'a', version: 'v1.1.0' },
    { path: 'old', version: 'v1.0.0' },
    { path: 'new', version: 'v1.0.0' },
  ];
  expect(unmetRequirements(has, before, after)).toEqual(['new v1.0.0']);
  expect(unmetRequirements(has, [], [{ path: 'a', version: 'v1.2.0' }])).toEqual(['a v1.2.0']);
});
