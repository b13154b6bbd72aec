import { expect } from 'vitest';
import { checkMetadata } from '../../src/automations/release/metadata/check-metadata.ts';
import { GivenFields } from '../../src/automations/release/metadata/given-fields.ts';
import { readHeaderFields } from '../../src/automations/release/metadata/read-headers.ts';
import { readJsonFields } from '../../src/automations/release/metadata/read-json.ts';
import { declareHex, readDigestHeaders } from '../../src/automations/release/receive/declared-digests.ts';
import { FilePart } from '../../src/automations/release/receive/file-part.ts';
import { FormFields } from '../../src/automations/release/receive/form-fields.ts';
import { assertGzipHead, checkGzipHead } from '../../src/automations/release/receive/gzip-head.ts';
import { boundaryOf, readPartHead } from '../../src/automations/release/receive/part-head.ts';
import type { Sink } from '../../src/automations/release/receive/pump.ts';
import { readPartChecksum } from '../../src/automations/release/receive/tus/part-sink.ts';
import { readUploadMetadata } from '../../src/automations/release/receive/tus/read-metadata.ts';
import { releaseVariables, renderEnvFile } from '../../src/automations/release/variables.ts';
import { compareVersions, isVersion } from '../../src/automations/release/version.ts';
import { bombs, corpus, fuzz } from './fuzz.ts';

const optional = { required: false, pattern: undefined };
const RULES = {
  product: {
    metadata: { version: { required: true, pattern: undefined }, commit: optional, notes: optional },
    environments: ['development', 'production'],
  },
  lines: [],
};
const BOUNDARY = 'b0undary';
const forms = corpus('form');
const FORM_WORDS = ['\r\n--b0undary', '--\r\n', '\r\n\r\n', 'name="file"', 'Content-Disposition: form-data; ', '\0'];

class Taken implements Sink {
  readonly mustWait = false;
  readonly chunks: Buffer[] = [];
  async drained(): Promise<void> {}
  write(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk));
  }
}

function readForm(bytes: Buffer, length: number) {
  const given = new GivenFields();
  const fields = new FormFields(BOUNDARY, given, ['secret', 'md5']);
  const taken = new Taken();
  const part = new FilePart(taken, BOUNDARY);
  for (let at = 0; at < bytes.length; at += length) {
    const chunk = bytes.subarray(at, at + length);
    if (fields.file) part.write(chunk);
    else if (!fields.ended) {
      fields.write(chunk);
      if (fields.file) part.write(fields.rest);
    }
  }
  if (fields.file) part.assertEnded();
  return { given, special: [...fields.special], file: Buffer.concat(taken.chunks) };
}

/** What is accepted is a path segment, a line of an env file and an argument, and nothing else than that. */
function accept(given: GivenFields, version?: string): void {
  const checked = checkMetadata(given, RULES, version);
  expect(checked.version).toMatch(/^\d[0-9a-z.-]{0,63}$/);
  expect(checked.version).not.toContain('..');
  expect(checked.line).toMatch(/^[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?$/);
  const release = { ...checked, product: 'appliance', size: 1, md5: 'm', sha256: 's' };
  const run = { environment: checked.environment, attempt: 1 };
  const variables = releaseVariables(release, run, { artifact: '/data/a.tgz', envFile: '/data/a.env' });
  for (const value of Object.values(variables)) expect(value).not.toMatch(/\p{Cc}/u);
  expect(readEnvFile(renderEnvFile(variables))).toEqual(variables);
}

/** As POSIX reads single quotes; written apart from what writes them. */
function readEnvFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name, words] = /^([A-Z][A-Z0-9_]*)=((?:'[^']*'|\\')*)$/.exec(line) ?? [];
    if (name === undefined || words === undefined) throw new Error(`no assignment: ${line}`);
    variables[name] = words.replaceAll(
      /'([^']*)'|\\(')/g,
      (_all, quoted?: string, escaped?: string) => quoted ?? escaped ?? '',
    );
  }
  return variables;
}

fuzz('a form, in one piece or in many', {
  corpus: forms,
  words: FORM_WORDS,
  parse: bytes => {
    const cut = outcome(() => readForm(bytes, 7));
    const whole = outcome(() => readForm(bytes, bytes.length || 1));
    if ('result' in whole && 'result' in cut) {
      expect(cut.result.file.equals(whole.result.file)).toBe(true);
      expect([...cut.result.given.values]).toEqual([...whole.result.given.values]);
      expect(cut.result.special).toEqual(whole.result.special);
      accept(whole.result.given);
    } else expect(cut).toEqual(whole);
  },
});

/** What comes of it; of an error its words. */
function outcome<T>(read: () => T): { result: T } | { error: string } {
  try {
    return { result: read() };
  } catch (error) {
    return { error: String(error) };
  }
}

fuzz('the head of a part, and the boundary', {
  corpus: [
    'Content-Disposition: form-data; name="a\\"b"; filename="x"',
    'multipart/form-data; charset=x; boundary="a b"',
  ].map(text => Buffer.from(text)),
  words: ['boundary=', 'name="', ';', '\\', '"', '\r\n', ' '],
  parse: bytes => {
    expect(boundaryOf(bytes.toString('latin1'))?.length ?? 1).toBeLessThanOrEqual(70);
    expect(readPartHead(bytes.toString('latin1')).name.length).toBeLessThanOrEqual(200);
  },
});

fuzz('metadata in JSON', {
  corpus: corpus('json-fields'),
  words: ['"version":"', '\\u0000', '\\ud800', "'$(x)`", '"__proto__":"1",', '{', '\\n'],
  parse: bytes => {
    const given = new GivenFields();
    readJsonFields(bytes.toString('utf8'), given, 'the body');
    accept(given);
  },
});

const HEADERS = [
  'X-Release-Version: 5.4.1\nX-Release-Build-Host: b\xc3\xa4r\nX-Release-Metadata: {"notes":"n"}',
  'Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:, md5=:1B2M2Y8AsgTpgAmY7PhCfg==:;q=1\nContent-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==',
  'X-Checksum-MD5: d41d8cd98f00b204e9800998ecf8427e\nX-Checksum-SHA256: E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  'Upload-Metadata: product YXBwbGlhbmNl,version NS40LjE=,filename eA==\nUpload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
];

fuzz('headers of an upload', {
  corpus: HEADERS.map(text => Buffer.from(text, 'latin1')),
  words: ['\nX-Release-Version: ', '=:', ':,', '\nRepr-Digest: ', '\nX-Release-Metadata: {', '==', 'sha-512=:AAAA:'],
  parse: bytes => {
    const raw = bytes
      .toString('latin1')
      .split('\n')
      .flatMap(line => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]);
    const headers = Object.fromEntries(
      raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1]]] : [])),
    );
    const reads = [
      () => accept(readHeaderFields(raw), '5.4.1'),
      () => {
        const { md5, sha256 } = readDigestHeaders(headers);
        expect(md5 ?? 'd'.repeat(32)).toMatch(/^[0-9a-f]{32}$/);
        expect(sha256 ?? 'd'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      },
      () => readUploadMetadata(String(headers['upload-metadata'] ?? '')),
      () => readPartChecksum(headers['upload-checksum']),
      () => declareHex({ from: {} }, 'md5', String(headers['x-checksum-md5'] ?? ''), 'md5'),
    ];
    for (const read of reads) expect(coded(read)).toBe(true);
  },
});

/** Each on its own, because the refusal of one must not hide a fault of the next. */
function coded(read: () => unknown): boolean {
  try {
    read();
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('SBX_')) throw error;
  }
  return true;
}

fuzz('versions', {
  corpus: ['5.4.12 5.4.12-rc.1', '0.0.0.1 10.2-alpha-1', '5.4.1-1 5.4.1-a'].map(text => Buffer.from(text)),
  words: ['-', '.', '..', '/', '0', '\n', 'rc'],
  parse: bytes => {
    const versions = [...new Set(bytes.toString('latin1').split(' ').filter(isVersion))].slice(0, 20);
    for (const version of versions) {
      expect(version).toMatch(/^[0-9a-z.-]{1,64}$/);
      expect(version).not.toMatch(/\.\.|\/|^\.|\.$/);
      for (const other of versions) {
        const order = compareVersions(version, other);
        expect(Math.sign(order) + Math.sign(compareVersions(other, version))).toBe(0);
        expect(order === 0).toBe(version === other);
      }
    }
  },
});

fuzz('the first bytes of an artifact', {
  corpus: [Buffer.from('1f8b0800', 'hex'), Buffer.from([])],
  parse: bytes => {
    let seen = 0;
    for (const byte of bytes) seen = checkGzipHead(seen, Buffer.from([byte]));
    assertGzipHead(seen);
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from('1f8b', 'hex'));
  },
});

const many = (count: number, each: (n: number) => string) => Array.from({ length: count }, (_, n) => each(n)).join('');

bombs(
  'metadata in JSON',
  {
    'a hundred thousand fields': () => Buffer.from(`{${many(100_000, n => `"f${n}":"",`)}"z":""}`),
    'a deep nest': () => Buffer.from(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
    'one long text of escapes': () => Buffer.from(`{"a":"${'\\\\'.repeat(500_000)}"}`),
  },
  bytes => {
    const given = new GivenFields();
    readJsonFields(bytes.toString('utf8'), given, 'the body');
    checkMetadata(given, RULES);
  },
);

bombs(
  'a form',
  {
    'a megabyte of line ends': () => Buffer.concat([Buffer.from('--b0undary\r\n'), Buffer.alloc(1 << 20, '\r\n')]),
    'a value full of half boundaries': () =>
      Buffer.from(`--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'\r\n--b0undar'.repeat(100_000)}`),
    'a head of semicolons': () =>
      Buffer.from(`--b0undary\r\nContent-Disposition: form-data${'; '.repeat(7000)}name\r\n\r\n`),
    'a file full of half boundaries': () =>
      Buffer.from(
        `--b0undary\r\nContent-Disposition: form-data; name="file"\r\n\r\n${'\r\n--b0undar'.repeat(100_000)}`,
      ),
  },
  bytes => readForm(bytes, 1009),
);
