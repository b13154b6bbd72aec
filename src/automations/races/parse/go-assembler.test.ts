import { describe, expect, it } from 'vitest';
import { goReport, reportsIn } from '../testing/reports.ts';

const OPEN = 'acme.example/pump.(*Valve).Open';
const READ = 'acme.example/pump.(*Gauge).Read';
const WHOLE = goReport(OPEN, READ);
const tops = (text: string): (string | undefined)[][] =>
  reportsIn(text).map(({ accesses }) => accesses.map(({ stack }) => stack[0]?.func));

describe('Go reports', () => {
  it('reads every part of a whole one', () => {
    const [report] = reportsIn(`2026/01/02 starting\n${WHOLE}Found 1 data race(s)\n`);
    expect(report).toMatchObject({
      detector: 'go',
      confidence: 'complete',
      accesses: [
        { kind: 'write', previous: false, address: '0x00c000123456', actor: 'goroutine 7' },
        { kind: 'read', previous: true, actor: 'goroutine 8' },
      ],
      creations: [
        { actor: 'goroutine 7', state: 'running' },
        { actor: 'goroutine 8', state: 'finished' },
      ],
    });
    expect(report?.accesses[0]?.stack).toEqual([
      { func: OPEN, file: '/srv/build/pump/valve.go', line: 41 },
      { func: 'acme.example/pump.Run', file: '/srv/build/pump/run.go', line: 12 },
    ]);
  });

  it.each([
    ['a header split before its goroutine', WHOLE.replaceAll(' by goroutine', ' by\ngoroutine'), 'complete'],
    ['no delimiters', WHOLE.replaceAll('==================\n', ''), 'complete'],
    ['an offset on a line of its own', WHOLE.replaceAll(' +0x', '\n      +0x'), 'complete'],
    ['a blank line after every line', WHOLE.replaceAll('\n', '\r\n\r\n'), 'complete'],
    ['the main goroutine', WHOLE.replace('by goroutine 7', 'by main goroutine'), 'complete'],
    ['the form before Go 1.5', WHOLE.replaceAll(' at 0x00c000123456', ''), 'complete'],
    [
      'a heap block',
      WHOLE.replace(
        '\nGoroutine 7',
        '\nHeap block of size 16 at 0x00c0 allocated by goroutine 7:\n  a.b()\n      a.go:1 +0x1\n\nGoroutine 7',
      ),
      'complete',
    ],
    [
      'a global',
      WHOLE.replace('\nGoroutine 7', '\nGlobal var pump.on of size 8 at 0x01 declared at pump.go:3\n\nGoroutine 7'),
      'complete',
    ],
    [
      'a foreign line within a stack',
      WHOLE.replace('  acme.example/pump.Run', 'level=info msg=hello\n  acme.example/pump.Run'),
      'torn',
    ],
    ['foreign text behind "by"', WHOLE.replace('by goroutine 7:', 'by 2026/01/02 tick\ngoroutine 7:'), 'torn'],
    ['foreign text before a header', WHOLE.replace('Previous', '....Previous'), 'complete'],
    ['foreign text before the marker', WHOLE.replace('WARNING', 'progress 10% WARNING'), 'complete'],
    ['a function swallowed by foreign text', WHOLE.replace(`  ${READ}`, `tick tock  ${READ}`), 'torn'],
    ['no marker', WHOLE.replace('WARNING: DATA RACE\n', ''), 'truncated'],
    ['an end within the creations', WHOLE.slice(0, WHOLE.indexOf('Goroutine 8 (')), 'truncated'],
    ['everything indented', WHOLE.replaceAll(/^/gm, '    '), 'complete'],
    ['nothing indented', WHOLE.replaceAll(/^ +/gm, ''), 'complete'],
  ])('survives %s', (_what, text, confidence) => {
    expect(tops(text)).toEqual([[OPEN, READ]]);
    expect(reportsIn(text)[0]?.confidence).toBe(confidence);
  });

  it('keeps a lost stack and says so', () => {
    const text = WHOLE.replace(/ {2}acme\.example\/pump\.\(\*Gauge\).*\n.*\n/, '  [failed to restore the stack]\n');
    expect(reportsIn(text)[0]).toMatchObject({
      confidence: 'complete',
      accesses: [{ lost: false }, { lost: true, stack: [] }],
    });
  });

  it('keeps the half of a race whose other half is cut off', () => {
    const [report] = reportsIn(WHOLE.slice(0, WHOLE.indexOf('Previous')));
    expect(report).toMatchObject({ confidence: 'truncated', accesses: [{ actor: 'goroutine 7' }] });
  });

  it.each([
    ['level=info msg="fixed WARNING: DATA RACE in cache, see #123"'],
    ['$ grep -c "WARNING: DATA RACE" /var/log/app.log'],
    ['==================\nWARNING: DATA RACE\n==================\n'],
    [`WARNING: DATA RACE\n${'something else\n'.repeat(60)}Write at 0x00c0 by goroutine 7:\n  a.b()\n`],
    ['We saw a Read at 0x00c000012345 by goroutine 9: nothing came of it.'],
  ])('takes prose for prose: %s', text => {
    expect(reportsIn(text)).toEqual([]);
  });

  it('counts a marker that stood alone and was followed by nothing', async () => {
    const { goAssembler } = await import('./go-assembler.ts');
    const assembler = goAssembler();
    const line = (text: string): Parameters<typeof assembler.feed>[0] => ({ text, offset: 0, next: 1, time: null });
    for (const text of ['WARNING: DATA RACE', 'x', 'about WARNING: DATA RACE', 'y']) assembler.feed(line(text));
    assembler.finish();
    expect(assembler.unparsed()).toBe(1);
  });

  it('takes two interleaved reports apart and trusts neither', () => {
    const a = goReport('a.F', 'a.G', { address: '0x00c0000000aa', goroutine: 10 }).split('\n');
    const b = goReport('b.F', 'b.G', { address: '0x00c0000000bb', goroutine: 20 }).split('\n');
    const text = [
      ...a.slice(0, 7),
      ...b.slice(0, 7),
      ...a.slice(7, 12),
      ...b.slice(7, 12),
      ...a.slice(12),
      ...b.slice(12),
    ];
    expect(tops(text.join('\n')).map(String).sort()).toEqual(['a.F,a.G', 'b.F,b.G']);
    expect(reportsIn(text.join('\n')).map(({ confidence }) => confidence)).toEqual(['mixed', 'mixed']);
  });

  it('marks accesses to two addresses as mixed', () => {
    expect(
      reportsIn(WHOLE.replace('Previous read at 0x00c000123456', 'Previous read at 0x00c000999999')),
    ).toMatchObject([{ confidence: 'mixed' }]);
  });

  it('does not take the goroutine dump of a panic for frames', () => {
    const text = WHOLE.replace(
      /==================\n$/,
      'panic: oh\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/m.go:3 +0x1\n',
    );
    const [report] = reportsIn(text);
    expect(report?.creations[1]?.stack).toHaveLength(1);
  });

  it('bounds a stack, whatever its depth, and still finds what follows it', () => {
    const deep = '  acme.example/pump.dive()\n      /srv/build/pump/dive.go:9 +0x1\n'.repeat(5000);
    const [report] = reportsIn(WHOLE.replace('  acme.example/pump.Run()', `${deep}  acme.example/pump.Run()`));
    expect(report?.accesses[0]?.stack).toHaveLength(1000);
    expect(report?.droppedFrames).toBe(4002);
    expect(report?.accesses[1]?.stack[0]?.func).toBe(READ);
    expect(report?.confidence).toBe('complete');
  });

  it('finds both sides however other writers tear the pieces apart', () => {
    // The runtime writes a report in pieces; another process may write between any two of them.
    const pieces = WHOLE.split(/(?<=RACE)|(?<= by )|(?<=:\n)|(?<=\+0x\w+\n)|(?<=\n\n)/);
    expect(pieces.length).toBeGreaterThan(12);
    const noise = [
      'tick tock ',
      '2026/01/02 03:04:05 tick\n',
      'GET /health 200 3ms\n',
      '{"level":"info","msg":"tick"}\n',
    ];
    for (let place = 1; place < pieces.length; place++) {
      for (const line of noise) {
        const text = [...pieces.slice(0, place), line, ...pieces.slice(place)].join('');
        expect(tops(text), text).toEqual([[OPEN, READ]]);
      }
    }
  });
});
