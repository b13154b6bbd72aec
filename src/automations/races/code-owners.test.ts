import { expect, it } from 'vitest';
import { findOwners } from './code-owners.ts';

const FILE = `# who looks after what
* @acme/all
*.go @acme/go
/docs/ @acme/docs docs@example.com
pkg/cache/ @ada @bob # both
pkg/**/gen.go @generator
path\\ with\\ spaces/ @space

[Security][2] @acme/security
/pkg/auth/
!/pkg/auth/testdata/

^[Optional] @acme/optional
*.yml
`;

it.each([
  ['README', ['@acme/all']],
  ['main.go', ['@acme/go']],
  ['docs/a/b.md', ['@acme/docs', 'docs@example.com']],
  ['sub/docs/a.md', ['@acme/all']],
  ['pkg/cache/cache.go', ['@ada', '@bob']],
  ['src/pkg/cache/cache.go', ['@ada', '@bob']],
  ['pkg/cache/x/gen.go', ['@generator']],
  ['path with spaces/x', ['@space']],
  ['pkg/auth/token.go', ['@acme/go', '@acme/security']],
  ['pkg/auth/testdata/token.go', ['@acme/go']],
  ['a.yml', ['@acme/all', '@acme/optional']],
])('%s', (path, owners) => {
  expect(findOwners(FILE, path).map(each => each.owner)).toEqual(owners);
});

it('says which line it was', () => {
  expect(findOwners(FILE, 'docs/a.md')[0]).toEqual({ owner: '@acme/docs', pattern: '/docs/' });
});
