import { expect, it } from 'vitest';
import { goLatest } from './go-latest.ts';

it.each([
  ['the highest release', 'x.com/m', '', ['v1.2.3', 'v1.10.0', 'v1.9.9'], 'v1.10.0'],
  ['numbers of any size', 'x.com/m', '', ['v1.2.3', 'v1.99999999999999999999.0'], 'v1.99999999999999999999.0'],
  ['a release before a higher pre-release', 'x.com/m', '', ['v1.2.3', 'v1.3.0-rc.1'], 'v1.2.3'],
  ['a pre-release where there is nothing else', 'x.com/m', '', ['v0.1.0-rc.2', 'v0.1.0-rc.10'], 'v0.1.0-rc.10'],
  ['nothing that go does not list', 'x.com/m', '', ['v1.2', '1.9.0', 'v1.02.3', 'v1.9.0+x', 'v2.0.0'], null],
  ['its own major only', 'x.com/m/v2', '', ['v1.9.0', 'v2.0.1', 'v3.0.0'], 'v2.0.1'],
  ['its own directory only', 'x.com/m/sub', 'sub', ['v9.0.0', 'sub/v0.3.1', 'sub/deep/v1.0.0'], 'v0.3.1'],
])('go get @latest: %s', (_title, path, dir, names, expected) => {
  expect(
    goLatest(
      names.map(name => ({ name, peeled: 'x' })),
      { path, dir },
    ),
  ).toBe(expected);
});
