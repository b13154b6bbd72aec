import { expect } from 'vitest';
import { SignalboxError } from '../../src/errors.ts';
import { applyDelta } from '../../src/git-protocol/apply-delta.ts';
import { readCapabilities } from '../../src/git-protocol/capabilities.ts';
import { createTag } from '../../src/git-protocol/create-tag.ts';
import { fetchObjects } from '../../src/git-protocol/fetch-objects.ts';
import { findFiles } from '../../src/git-protocol/find-files.ts';
import { listRefs } from '../../src/git-protocol/list-refs.ts';
import { objectId } from '../../src/git-protocol/object-id.ts';
import type { ObjectType } from '../../src/git-protocol/pack-entry.ts';
import { PackReader } from '../../src/git-protocol/pack-reader.ts';
import { describeRemote, type Remote } from '../../src/git-protocol/remote.ts';
import { bombs, fuzz } from './fuzz.ts';
import { deltaOf, type Entry, line, nameOf, packOf, TYPES } from './pack.ts';

const TOKEN = 'glpat-in-the-fuzz-tests';
const ALL: ObjectType[] = ['commit', 'tree', 'blob', 'tag'];
const LIMITS = { objectBytes: 1 << 22, keptBytes: 1 << 24, refBytes: 1 << 20 };

/** A server that gives these answers one after the other, each in pieces. */
function remoteThat(...answers: Buffer[]): Remote {
  let at = 0;
  return describeRemote({
    url: 'https://gitlab.example.com/acme/lib-ssh.git',
    credentials: { user: 'signalbox', token: TOKEN },
    limits: LIMITS,
    send: async ({ headers }) => {
      const answer = answers[at % answers.length]!;
      at += 1;
      return { status: 200, headers: { 'content-type': headers['accept'] }, body: inPieces(answer) };
    },
  });
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997);
}

/** No error of this room may hold the credential. */
async function refusable(ask: () => Promise<unknown>): Promise<void> {
  await ask().catch((error: unknown) => {
    if (!(error instanceof SignalboxError)) throw error;
    for (const secret of [TOKEN, Buffer.from(`signalbox:${TOKEN}`).toString('base64')])
      expect(error.detail).not.toContain(secret);
  });
}

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const refs = Buffer.concat([
  line(`${A} HEAD symref-target:refs/heads/main\n`),
  line(`${A} refs/heads/main\n`),
  line(`${B} refs/tags/v1.0.0 peeled:${A}\n`),
  Buffer.from('0000'),
]);

fuzz('a list of references', {
  corpus: [refs, Buffer.concat([line(`ERR ${TOKEN} is wrong\n`)])],
  words: ['0000', '0001', '0002', '0003', '0004', 'peeled:', ' ', '\0', 'symref-target:', 'ERR '],
  parse: body =>
    refusable(async () => {
      for (const { name, oid, peeled } of await listRefs(remoteThat(body), { prefixes: ['refs/tags/', 'HEAD'] })) {
        expect(name.startsWith('refs/tags/') || name.startsWith('HEAD')).toBe(true);
        expect([oid.length, peeled.length]).toEqual([40, 40]);
      }
    }),
});

fuzz('what a server says it can do', {
  corpus: [
    Buffer.concat([
      line('# service=git-upload-pack\n'),
      Buffer.from('0000'),
      line('version 2\n'),
      line('agent=git/2.47\n'),
      line('ls-refs=unborn\n'),
      line('fetch=shallow filter\n'),
      line('object-format=sha1\n'),
      Buffer.from('0000'),
    ]),
  ],
  words: ['object-format=', 'version 2\n', '0000', 'ERR '],
  parse: body =>
    refusable(async () => {
      expect(['sha1', 'sha256']).toContain((await readCapabilities(remoteThat(body))).objectFormat);
    }),
});

const tag = { commit: A, name: 'v1.4.3', tagger: { name: 'S', email: 's@x', seconds: 1 }, message: 'm\n' };
const report = (text: string) => Buffer.concat([line(text), Buffer.from('0000')]);
const banded = (band: number, bytes: Buffer) => line(Buffer.concat([Buffer.from([band]), bytes]));

fuzz('the report of a push', {
  corpus: [
    Buffer.concat([
      banded(1, Buffer.concat([line('unpack ok\n'), report('ok refs/tags/v1.4.3\n')])),
      banded(2, Buffer.from(`remote: hello ${TOKEN}\n`)),
      Buffer.from('0000'),
    ]),
    banded(1, Buffer.concat([line('unpack ok\n'), report(`ng refs/tags/v1.4.3 hook declined ${TOKEN}\n`)])),
    banded(3, Buffer.from('fatal: protected\n')),
  ],
  words: ['0000', 'ok refs/tags/v1.4.3', 'ng ', 'unpack ', '\x01', '\x02', '\x03'],
  parse: body =>
    refusable(async () => {
      const result = await createTag(remoteThat(body), tag);
      expect(['created', 'conflict', 'denied', 'failed']).toContain(result.outcome);
      expect(JSON.stringify(result)).not.toContain(TOKEN);
    }),
});

const blob = Buffer.from('package ssh\n');
const tree = Buffer.concat([Buffer.from('100644 a.go\0'), Buffer.from(nameOf('blob', blob), 'hex')]);
const root = Buffer.concat([Buffer.from('40000 dir\0'), Buffer.from(nameOf('tree', tree), 'hex')]);
const commit = Buffer.from(
  `tree ${nameOf('tree', root)}\nparent ${A}\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\nencoding latin1\n\nmessage\n`,
);
const changed = deltaOf(blob.length, 15, Buffer.from([0x90, 12, 3, 0x61, 0x62, 0x63]));
const entries: Entry[] = [
  { type: TYPES.commit, content: commit },
  { type: TYPES.tree, content: root },
  { type: TYPES.tree, content: tree },
  { type: TYPES.namedDelta, base: Buffer.from(nameOf('blob', blob), 'hex'), content: changed },
  { type: TYPES.blob, content: blob },
];

function readPack(pack: Buffer, keep = ALL) {
  const reader = new PackReader({ format: 'sha1', keep, limits: LIMITS });
  for (let at = 0; at < pack.length; at += 509) reader.push(pack.subarray(at, at + 509));
  return reader.end();
}

fuzz('a pack', {
  corpus: [packOf(entries), packOf([{ type: TYPES.blob, content: Buffer.alloc(3000, 'x') }])],
  words: ['PACK', '\0\0\0\x02', '\x78\x9c', '\xff\xff\xff\xff\x7f'],
  parse: pack => void readPack(pack),
});

/** Which object is changed stands in the first byte; so its checksums are right, and what is wrong is inside. */
fuzz('the objects of a pack', {
  corpus: entries.map(({ content }, at) => Buffer.concat([Buffer.from([at]), content])),
  words: ['40000 ', '100644 ', '\0', 'tree ', 'parent ', '..', '/', '\x80', '\xff\xff\xff\xff', 'encoding utf-7\n'],
  parse: async bytes => {
    const at = (bytes[0] ?? 0) % entries.length;
    const content = bytes.subarray(1);
    const all = entries.with(at, { ...entries[at]!, content });
    for (const [oid, object] of readPack(packOf(all))) {
      if (object.bytes) expect(objectId('sha1', object.type, object.bytes)).toBe(oid);
    }
    const wanted = at === 0 ? nameOf('commit', content) : nameOf('commit', commit);
    await refusable(async () => {
      const answer = Buffer.concat([line('packfile\n'), banded(1, packOf(all)), Buffer.from('0000')]);
      const found = await findFiles(remoteThat(answer), { commit: wanted, wanted: () => true, filter: true });
      for (const { path } of found.files) expect(path).not.toBe('');
    });
  },
});

fuzz('a delta', {
  corpus: [changed, deltaOf(blob.length, 70_000, Buffer.from([0x80, 0x90, 4]))],
  parse: delta => {
    expect(applyDelta(blob, delta, 1 << 20).length).toBeLessThanOrEqual(1 << 20);
  },
});

fuzz('the answer to a fetch', {
  corpus: [
    Buffer.concat([
      line('packfile\n'),
      banded(2, Buffer.from('counting')),
      banded(1, packOf(entries)),
      Buffer.from('0000'),
    ]),
    Buffer.concat([line('packfile\n'), banded(3, Buffer.from(`denied ${TOKEN}`))]),
  ],
  words: ['0000', 'packfile\n', '\x01', '\x02', '\x03', 'ERR '],
  parse: body => refusable(() => fetchObjects(remoteThat(body), { wants: [A], keep: ALL })),
});

const named = (oid: string, content: Buffer): Entry => ({
  type: TYPES.namedDelta,
  base: Buffer.from(oid, 'hex'),
  content,
});

bombs(
  'a pack',
  {
    'deltas that all wait for one base': () => {
      const delta = deltaOf(1, 1, Buffer.from([1, 0x61]));
      const waiting = Array.from({ length: 10_000 }, () => named(nameOf('blob', Buffer.from('b')), delta));
      return packOf([...waiting, { type: TYPES.blob, content: Buffer.from('b') }]);
    },
    'a chain of deltas, the last first': () => {
      const texts = Array.from({ length: 8_000 }, (_, n) => Buffer.from(`${n}`.padStart(8)));
      const chain = texts
        .slice(1)
        .map((text, n) => named(nameOf('blob', texts[n]!), deltaOf(8, 8, Buffer.concat([Buffer.from([8]), text]))));
      return packOf([...chain.toReversed(), { type: TYPES.blob, content: texts[0]! }]);
    },
    'an object of four gigabytes': () => packOf([{ type: TYPES.blob, content: Buffer.alloc(100), size: 2 ** 32 }]),
    'zeros that unpack to much more than they say': () =>
      packOf([{ type: TYPES.blob, content: Buffer.alloc(64 << 20), size: 10 }]),
    'deltas that each make four megabytes': () => {
      const base = Buffer.alloc(65_536);
      const delta = deltaOf(base.length, 1 << 22, Buffer.alloc(64, 0x80));
      const oid = nameOf('blob', base);
      return packOf([{ type: TYPES.blob, content: base }, ...Array.from({ length: 500 }, () => named(oid, delta))]);
    },
  },
  pack => void readPack(pack),
);

/** Ten directories, each ten times the next: ten thousand million paths in twenty objects. */
function endlessTrees(): Buffer {
  let content = Buffer.concat([Buffer.from('100644 f\0'), Buffer.from(nameOf('blob', blob), 'hex')]);
  const trees: Entry[] = [];
  for (let depth = 0; depth < 10; depth++) {
    trees.push({ type: TYPES.tree, content });
    const oid = Buffer.from(nameOf('tree', content), 'hex');
    content = Buffer.concat(Array.from({ length: 10 }, (_, n) => Buffer.concat([Buffer.from(`40000 d${n}\0`), oid])));
  }
  trees.push({ type: TYPES.tree, content });
  const head = Buffer.from(`tree ${nameOf('tree', content)}\ncommitter A <a@x> 1 +0000\n\nm\n`);
  return packOf([{ type: TYPES.commit, content: head }, ...trees, { type: TYPES.blob, content: blob }]);
}

bombs('directories', { 'of ten thousand million files': endlessTrees }, async pack => {
  const [oid] = [...readPack(pack)].find(([, { type }]) => type === 'commit')!;
  const answer = Buffer.concat([line('packfile\n'), banded(1, pack), Buffer.from('0000')]);
  const find = findFiles(remoteThat(answer), { commit: oid, wanted: path => path.endsWith('nothing'), filter: true });
  await expect(find).rejects.toThrow(SignalboxError);
});
