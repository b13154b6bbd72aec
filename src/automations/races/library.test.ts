import { expect, it } from 'vitest';
import { libraryOf } from './library.ts';

const frame = (file: string | null) => ({ func: 'f', file, line: 1 });

it.each([
  ['/root/go/pkg/mod/github.com/acme/lib@v1.2.3/a.go', 'github.com/acme/lib', 'v1.2.3'],
  ['github.com/acme/lib@v1.2.3/a.go', 'github.com/acme/lib', 'v1.2.3'],
  ['/go/pkg/mod/github.com/!burnt!sushi/toml@v1.4.0/decode.go', 'github.com/BurntSushi/toml', 'v1.4.0'],
  ['/builds/app/vendor/github.com/acme/lib/a.go', 'github.com/acme/lib', null],
])('%s', (file, module, version) => {
  expect(libraryOf([frame(file), frame(file.replace('a.go', 'b.go'))])).toEqual({ module, version });
});

it.each([
  ['one side is ours', ['/root/go/pkg/mod/github.com/acme/lib@v1.2.3/a.go', '/srv/build/main.go']],
  ['two libraries', ['/go/pkg/mod/a.example/x@v1.0.0/a.go', '/go/pkg/mod/b.example/y@v1.0.0/a.go']],
  ['both sides are ours', ['/srv/build/a.go', '/srv/build/b.go']],
  ['a side is not known', ['/go/pkg/mod/a.example/x@v1.0.0/a.go', null]],
])('%s: no library alone', (_what, files) => {
  expect(libraryOf(files.map(frame))).toBeNull();
});
