import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type decodeText, MAX_BYTES } from './decode-text.ts';
import { extractFromFile } from './extract-from-file.ts';

const LFS =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';
const PLAIN = { file: 'VERSION', read: { as: 'detect' } } as const;

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

describe('a file that has a version, however it is written', () => {
  it.each<[string, Buffer]>([
    ['plain', Buffer.from('5.3.1\n')],
    ['no end of line', Buffer.from('5.3.1')],
    ['CRLF', Buffer.from('5.3.1\r\n')],
    ['old Mac', Buffer.from('5.3.1\rnotes')],
    ['trailing blanks', Buffer.from('5.3.1 \t \n\n\n')],
    ['leading blank lines and a comment', Buffer.from('\n\n# the version\n  5.3.1\n')],
    ['v in front', Buffer.from('v5.3.1\n')],
    ['UTF-8 mark', Buffer.from('\uFEFF5.3.1\n')],
    ['UTF-16 LE with mark', Buffer.from('\uFEFF5.3.1\r\n', 'utf16le')],
    ['UTF-16 BE with mark', utf16be('\uFEFF5.3.1\r\n')],
    ['UTF-16 LE without mark', Buffer.from('5.3.1\n', 'utf16le')],
    ['UTF-16 BE without mark', utf16be('5.3.1\n')],
    ['Latin-1 in a later line', Buffer.from('5.3.1\ncaf\xe9\n', 'latin1')],
  ])('%s', (_name, bytes) => {
    expect(extractFromFile(PLAIN, { bytes })).toMatchObject({ ok: true, version: '5.3.1' });
  });
});

describe('a file that has none', () => {
  it.each<[string, Parameters<typeof decodeText>[0], string]>([
    ['missing', undefined, 'not-found'],
    ['LFS pointer', { bytes: Buffer.from(LFS) }, 'lfs-pointer'],
    ['LFS pointer with mark', { bytes: Buffer.from(`\uFEFF${LFS}`) }, 'lfs-pointer'],
    ['symbolic link by mode', { bytes: Buffer.from('VERSION.in'), mode: '120000' }, 'symlink'],
    ['symbolic link by content', { bytes: Buffer.from('../common/VERSION') }, 'symlink'],
    ['submodule', { bytes: new Uint8Array(), mode: '160000' }, 'submodule'],
    ['10 MB', { bytes: Buffer.alloc(10 * 1024 * 1024, '5.3.1\n') }, 'too-large'],
    ['one byte too many', { bytes: Buffer.alloc(MAX_BYTES + 1, 'a') }, 'too-large'],
    ['PNG', { bytes: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') }, 'binary'],
    ['a NUL among text', { bytes: Buffer.from('5.3.1\0\n') }, 'binary'],
    ['NULs after a UTF-16 mark', { bytes: Buffer.from([0xff, 0xfe, 0, 0, 0x35, 0]) }, 'binary'],
    ['empty', { bytes: new Uint8Array() }, 'no-match'],
    ['only comments', { bytes: Buffer.from('# later\n\n') }, 'no-match'],
    ['a conflict', { bytes: Buffer.from('<<<<<<< ours\n5.3.1\n=======\n5.4.0\n>>>>>>> theirs\n') }, 'not-a-version'],
    ['prose', { bytes: Buffer.from('see release notes\n') }, 'not-a-version'],
  ])('%s', (_name, file, reason) => {
    expect(extractFromFile(PLAIN, file)).toMatchObject({ ok: false, reason });
  });
});

it('takes exactly the largest size', () => {
  const bytes = Buffer.alloc(MAX_BYTES, '\n');
  bytes.write('5.3.1');
  expect(extractFromFile(PLAIN, { bytes })).toMatchObject({ ok: true, version: '5.3.1' });
});

it('gives a detail of one short line, whatever the bytes', () => {
  const readings = fc.constantFrom(
    'VERSION',
    'package.json',
    'pom.xml',
    'Cargo.toml',
    'a.go',
    'a.h',
    'CMakeLists.txt',
    'GitVersion.yml',
    'debian/changelog',
  );
  fc.assert(
    fc.property(
      readings,
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ maxLength: 300 }).map(text => Buffer.from(text)),
      ),
      (file, bytes) => {
        const result = extractFromFile({ file, read: { as: 'detect' } }, { bytes });
        if (!result.ok) expect(result.detail).toMatch(/^[^\n\r\0]{1,300}$/);
      },
    ),
  );
});
