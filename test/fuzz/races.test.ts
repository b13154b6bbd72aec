import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { readReports } from '../../src/automations/races/read-report.ts';
import { redact } from '../../src/automations/races/redact.ts';
import { batchSchema, toBatch } from '../../src/automations/races/routes-body.ts';
import { scanPaths } from '../../src/automations/races/scan/scan-paths.ts';
import { bombs, corpus, fuzz, fuzzJson, scaled } from './fuzz.ts';

const logs = corpus('race-log');
const WORDS = [
  'WARNING: DATA RACE\n',
  '==================\n',
  'Previous write at 0x0 by goroutine 1:\n',
  '  main.main()\n      /x.go:1 +0x1\n',
  '{"log":"',
  'MESSAGE=',
  '__CURSOR=\n',
  '\r',
  '\x1b[31m',
  'BUG: KCSAN: data-race in ',
  'WARNING: ThreadSanitizer: data race (pid=1)\n',
  '@all ~bug /close',
  '```',
];
const OPTIONS = { project: 'acme/appliance', lookThrough: [] };
const AT = Date.UTC(2026, 10, 28);

function read(bytes: Buffer): void {
  for (const { title, fingerprint, text } of readReports(bytes.toString('utf8'), OPTIONS as never, {
    now: AT,
    confidence: null,
  })) {
    expect(title).not.toMatch(/\p{Cc}/u);
    expect(JSON.stringify(fingerprint)).toMatch(/[0-9a-f]{8}/);
    expect(text.length).toBeLessThan(20_000);
  }
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-fuzz-races-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

fuzz('a text with race reports', { corpus: logs, words: WORDS, parse: read });

/** Scans one file as a box does, and the same bytes from standard input. */
async function scan(bytes: Buffer): Promise<number> {
  const file = join(directory, 'a.log');
  await writeFile(file, bytes);
  let found = 0;
  for await (const { title } of scanPaths([file], { now: () => AT })) {
    expect(title.length).toBeLessThan(2000);
    found++;
  }
  for await (const _each of scanPaths(['-'], { stdin: createReadStream(file), now: () => AT })) found++;
  return found;
}

fuzz('a log file, plain or packed', {
  corpus: [
    ...logs,
    ...logs.map(log => gzipSync(log)),
    zstdCompressSync(logs[0]!),
    Buffer.from(`${logs[0]}`, 'utf16le'),
  ],
  words: [...WORDS, '\x1f\x8b\x08', '\x28\xb5\x2f\xfd', '\xff\xfe'],
  parse: scan,
  share: 0.3,
});

fuzz('text with secrets in it', {
  corpus: [
    'password: "hunter22" token=abc',
    'https://u:p@h/ Authorization: Basic QUJD',
    'eyJhbGciOi.eyJzdWIi.x a@b.example',
  ].map(text => Buffer.from(text)),
  words: ['glpat-0123456789abcdef', '-----BEGIN PRIVATE KEY-----', 'secret=', '://', '@', '"', '.'],
  parse: bytes => {
    expect(redact(bytes.toString('utf8'))).not.toMatch(/\bglpat-0123456789abcdef\b/);
  },
});

fuzzJson('the body of POST /v1/races', {
  corpus: [
    {
      source: 'box-1',
      host: 'box-1',
      build: '5.5.0',
      heartbeat: { build: null, race: true, started_at: '2026-11-23T10:00:00Z', running_seconds: 5 },
      reports: [
        {
          id: 'a',
          text: 'WARNING: DATA RACE',
          count: 2,
          first_seen: '2026-11-23T10:00:00+01:00',
          last_seen: 5,
          log: '/x',
        },
      ],
    },
  ],
  parse: body => {
    const parsed = batchSchema.safeParse(body);
    if (!parsed.success) return;
    const batch = toBatch(parsed.data, 'box-1');
    for (const { firstSeen, lastSeen, count } of batch.reports) {
      expect([firstSeen, lastSeen].every(time => time === null || Number.isFinite(time))).toBe(true);
      expect(count).toBeGreaterThan(0);
    }
    expect(JSON.stringify([batch.source, batch.host, batch.reports.map(({ id, log }) => [id, log])])).not.toMatch(
      /\p{Cc}/u,
    );
  },
});

const go = logs[0]!.toString();
const costly = {
  'one line of four megabytes': () => Buffer.alloc(scaled(4 << 20), 'x'),
  'a stack of a hundred thousand frames': () =>
    Buffer.from(go.replace('main.main()', `main.f()\n      /x.go:1 +0x1\n  `.repeat(scaled(100_000)))),
  'ten thousand reports': () => Buffer.from(go.repeat(scaled(4000))),
  'nothing but first lines': () => Buffer.from('WARNING: DATA RACE\n'.repeat(scaled(100_000))),
  'JSON in JSON in JSON': () => {
    let text = 'WARNING: DATA RACE';
    for (let depth = 0; depth < 12; depth++) text = JSON.stringify({ log: text });
    return Buffer.from(`${text}\n`.repeat(20));
  },
  'a journal without an end': () => Buffer.from(`__CURSOR=1\n${'MESSAGE=x\n_PID=1\n'.repeat(scaled(50_000))}`),
  'a thousand processes at once': () =>
    Buffer.from(
      Array.from({ length: scaled(60_000) }, (_, n) => `{"pid":${n % 1000},"log":"WARNING: DATA RACE\\n"}\n`).join(''),
    ),
  'digits and colons': () => Buffer.from('1:2:3:'.repeat(scaled(300_000))),
  'brackets and blanks': () => Buffer.from('[ '.repeat(scaled(300_000))),
};

bombs('a text with race reports', costly, bytes => read(bytes.subarray(0, 512 * 1024)));
bombs('a log file', { ...costly, 'very many zeros, packed': () => gzipSync(Buffer.alloc(scaled(1 << 28))) }, scan);
bombs(
  'text with secrets in it',
  {
    'half an address': () => Buffer.from('a'.repeat(scaled(400_000))),
    'many schemes': () => Buffer.from('http://a'.repeat(scaled(60_000))),
    'many ats': () => Buffer.from('a.b@'.repeat(scaled(100_000))),
    'tokens without an end': () => Buffer.from(`glpat-${'a-'.repeat(scaled(200_000))}`),
    'private keys that never end': () => Buffer.from('-----BEGIN PRIVATE KEY-----\n'.repeat(scaled(20_000))),
    'passwords of blanks': () => Buffer.from(`password${' '.repeat(scaled(300_000))}`),
    'cookies of blanks': () => Buffer.from(`authorization${' '.repeat(scaled(300_000))}x`),
  },
  bytes => redact(bytes.toString('utf8')),
);
