import { describe, expect, it } from 'vitest';
import { findIn, goReport } from '../testing/reports.ts';
import { lineDecoder } from './line-decoder.ts';

const REPORT = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
const LINES = REPORT.trimEnd().split('\n');
const each = (wrap: (line: string, index: number) => string): string => LINES.map(wrap).join('\n');
const json = (value: unknown): string => JSON.stringify(value);
const TIME = '2026-11-20T03:14:15.926535Z';

/** The formats in which a report may arrive, with what they tell about the process. */
const FORMATS: Record<string, { text: string; origin?: object; time?: string }> = {
  'docker json-file': { text: each(line => json({ log: `${line}\n`, stream: 'stderr', time: TIME })), time: TIME },
  'docker, lines cut in two': {
    text: each(line => {
      const half = Math.floor(line.length / 2);
      const parts = half === 0 ? [`${line}\n`] : [line.slice(0, half), `${line.slice(half)}\n`];
      return parts.map(log => json({ log, stream: 'stderr', time: TIME })).join('\n');
    }),
  },
  'Kubernetes CRI': { text: each(line => `${TIME} stderr F ${line}`), time: TIME },
  'CRI, partial': {
    text: each(line =>
      line.length < 9
        ? `${TIME} stderr F ${line}`
        : `${TIME} stderr P ${line.slice(0, 9)}\n${TIME} stderr F ${line.slice(9)}`,
    ),
  },
  'CRI within filebeat': {
    text: each(line => json({ '@timestamp': TIME, message: `${TIME} stderr F ${line}`, host: { name: 'box-1' } })),
    origin: { host: 'box-1' },
  },
  'journald json': {
    text: each(line =>
      json({
        __REALTIME_TIMESTAMP: '1795144455926535',
        _HOSTNAME: 'box-1',
        _PID: '4711',
        SYSLOG_IDENTIFIER: 'pump',
        MESSAGE: line,
      }),
    ),
    origin: { host: 'box-1', unit: 'pump', pid: '4711' },
    time: '2026-11-20T03:14:15.927Z',
  },
  'journald json, bytes': {
    text: each(line => json({ _PID: '9', MESSAGE: [...Buffer.from(line)] })),
    origin: { pid: '9' },
  },
  'journald export': {
    text: each(
      line => `__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795144455926535\n_HOSTNAME=box-1\nMESSAGE=${line}\n_PID=4711\n`,
    ),
    origin: { host: 'box-1', pid: '4711' },
  },
  'journald short': {
    text: each(line => `Nov 20 03:14:15 box-1 pump[4711]: ${line}`),
    origin: { host: 'box-1', unit: 'pump', pid: '4711' },
  },
  'journald short-iso': {
    text: each(line => `2026-11-20T03:14:15+0100 box-1 pump[4711]: ${line}`),
    time: '2026-11-20T02:14:15.000Z',
  },
  'RFC 5424': {
    text: each(line => `<30>1 ${TIME} box-1 pump 4711 - - ${line}`),
    origin: { host: 'box-1', unit: 'pump', pid: '4711' },
  },
  'one syslog line, #012': { text: `Nov 20 03:14:15 box-1 pump[4711]: ${LINES.join('#012')}` },
  'one syslog line, octal': { text: `Nov 20 03:14:15 box-1 pump[4711]: ${LINES.join('\\012')}` },
  'zap, one message': {
    text: json({ level: 'error', ts: 1795144455.92, msg: REPORT }),
    time: '2026-11-20T03:14:15.920Z',
  },
  'logrus text, one message': { text: `time="2026-11-20T03:14:15Z" level=error msg="${LINES.join('\\n')}"` },
  'go test -json': {
    text: each(line =>
      json({ Time: TIME, Action: 'output', Package: 'acme/pump', Test: 'TestX', Output: `${line}\n` }),
    ),
    origin: { unit: 'acme/pump' },
  },
  'docker compose, coloured': {
    text: each(line => `\x1b[36mpump-1  |\x1b[0m ${line}`),
    origin: { container: 'pump-1' },
  },
  goreman: { text: each(line => `11:05:58 pump | ${line}`), origin: { container: 'pump' } },
  'kubectl --prefix': { text: each(line => `[pod/pump-6c/main] ${line}`), origin: { container: 'pod/pump-6c/main' } },
  'a CI service': { text: each(line => `2026-11-20T03:14:15.9265350Z ${line}`) },
  'an unknown prefix': {
    text: each((line, index) => `03:14:${10 + index} worker-7> ${line}`),
    origin: { container: 'worker-7>' },
  },
  'a quoted prefix': { text: each(line => `Step #5 - "test": ${line}`.trimEnd()) },
  CRLF: { text: LINES.join('\r\n') },
  'a progress bar before it': { text: `10%\r20%\r${LINES.join('\n')}` },
  'docker within journald': {
    text: each(line => json({ _HOSTNAME: 'box-1', MESSAGE: json({ log: `${line}\n`, stream: 'stderr', time: TIME }) })),
    origin: { host: 'box-1' },
  },
};

describe('log formats', () => {
  it.each(Object.entries(FORMATS))('%s', (_name, { text, origin, time }) => {
    const found = findIn(`${text}\n`);
    expect(found).toHaveLength(1);
    const [{ report, origin: from } = { report: undefined, origin: undefined }] = found;
    expect(report?.accesses.map(({ stack }) => stack.map(({ func }) => func))).toEqual([
      ['acme.example/pump.(*Valve).Open', 'acme.example/pump.Run'],
      ['acme.example/pump.(*Gauge).Read'],
    ]);
    expect(report?.creations).toHaveLength(2);
    expect(report?.confidence).toBe('complete');
    if (origin !== undefined) expect(from).toEqual(origin);
    if (time !== undefined) expect(new Date(report?.time ?? 0).toISOString()).toBe(new Date(time).toISOString());
  });

  it.each(['journald short', 'docker compose, coloured', 'journald json', 'an unknown prefix'])(
    'keeps two processes in one log apart: %s',
    name => {
      const other = (text: string): string =>
        text
          .replaceAll('4711', '4712')
          .replaceAll('pump-1', 'pump-2')
          .replaceAll('worker-7', 'worker-8')
          .replaceAll('Valve', 'Spout');
      const one = FORMATS[name]?.text.split('\n') ?? [];
      const two = other(FORMATS[name]?.text ?? '').split('\n');
      const found = findIn(one.flatMap((line, index) => [line, two[index] ?? '']).join('\n'));
      expect(found.map(({ report }) => report.confidence)).toEqual(['complete', 'complete']);
      expect(found.map(({ report }) => String(report.accesses[0]?.stack[0]?.func)).sort()).toEqual([
        'acme.example/pump.(*Spout).Open',
        'acme.example/pump.(*Valve).Open',
      ]);
    },
  );

  it('takes the time of the log lines around a report that has none of its own', () => {
    const [found] = findIn(`2026/11/20 03:14:15 pump started\n${REPORT}`);
    expect(found?.report.time).toBe(Date.parse('2026-11-20T03:14:15'));
  });

  it('gives out a line whose rest never came', () => {
    const decoder = lineDecoder(2026);
    expect(decoder.decode(json({ log: 'cut here', stream: 'stdout', time: TIME }))).toEqual([]);
    expect(decoder.pending()).toBe(true);
    expect(decoder.flush()).toMatchObject([{ text: 'cut here' }]);
  });

  it('reads a message with line breaks in a journal export', () => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(REPORT.length));
    const [found] = findIn(`__CURSOR=s=1\n_PID=7\nMESSAGE\n${length.toString('latin1')}${REPORT}\n_HOSTNAME=box-1\n\n`);
    expect(found).toMatchObject({ report: { confidence: 'complete' }, origin: { pid: '7', host: 'box-1' } });
  });
});
