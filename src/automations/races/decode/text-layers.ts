import type { Layer } from './piece.ts';
import { unwrapped } from './piece.ts';
import { syslogTime, timeIn } from './times.ts';

const [ESC, BELL] = ['\x1b', '\x07'];
const ANSI = new RegExp(
  `${ESC}\\[[0-9;?]*[ -/]*[@-~]|${ESC}\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)|${ESC}[@-Z\\\\-_]`,
  'g',
);

/** The bytes that are not text: escape sequences, the holes a truncated file leaves, carriage returns, a BOM. */
export function cleanText(text: string): string {
  let clean = text;
  if (clean.includes('\x1b')) clean = clean.replace(ANSI, '');
  if (clean.includes('\0')) clean = clean.replaceAll('\0', '');
  if (clean.includes('\r')) {
    // A progress bar overwrites its line again and again; what counts is what was left standing.
    clean = clean.replace(/\r+$/, '');
    clean = clean.slice(clean.lastIndexOf('\r') + 1);
  }
  return clean.startsWith('\ufeff') ? clean.slice(1) : clean;
}

/** Kubernetes' container runtimes: `2026-11-20T03:14:15.9Z stderr F text`, P for a line that goes on. */
export const criLayer: Layer = piece => {
  const match = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([PF])(?::\S*)?(?: (.*)|)$/s.exec(piece.text);
  if (match === null) return null;
  const [, time = '', stream = '', flag, text = ''] = match;
  return [unwrapped(piece, text, { time: timeIn(time), partial: flag === 'P', joins: `${piece.joins}|${stream}` })];
};

const TAG = String.raw`([^\s:[\]]{1,128})(?:\[(\d+)\])?: ?(.*)$`;
const BSD = new RegExp(
  String.raw`^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?) ([^\s:]+) ${TAG}`,
  's',
);
const ISO = new RegExp(
  String.raw`^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)(?: [A-Z]{3,4})? ([^\s:]+) ${TAG}`,
  's',
);
const MONOTONIC = new RegExp(String.raw`^\[\s*\d+\.\d+\] ([^\s:]+) ${TAG}`, 's');
const RFC5424 = /^<\d{1,3}>1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: \ufeff?(.*)|)$/s;

/** journalctl's short formats and what rsyslog writes; host, program and process id tell the streams apart. */
export const syslogLayer: Layer = (piece, year) => {
  const bsd = BSD.exec(piece.text);
  const match = bsd ?? ISO.exec(piece.text);
  if (match !== null) {
    const [, stamp = '', host = '', unit = '', pid, text = ''] = match;
    const time = bsd === null ? timeIn(stamp) : syslogTime(stamp, year);
    return [unwrapped(piece, text, { time, origin: { host, unit, ...(pid === undefined ? {} : { pid }) } })];
  }
  const monotonic = MONOTONIC.exec(piece.text);
  if (monotonic !== null) {
    const [, host = '', unit = '', pid, text = ''] = monotonic;
    return [unwrapped(piece, text, { origin: { host, unit, ...(pid === undefined ? {} : { pid }) } })];
  }
  const modern = RFC5424.exec(piece.text);
  if (modern === null) return null;
  const [, stamp = '', host = '', unit = '', pid = '', text = ''] = modern;
  return [unwrapped(piece, text, { time: timeIn(stamp), origin: { host, unit, pid } })];
};

/** docker compose, foreman, goreman, `kubectl logs --prefix`: a name before each line. */
export const processPrefixLayer: Layer = piece => {
  const match =
    /^(?:\d\d:\d\d:\d\d(?:\.\d+)? )?([\w.@/-]{1,128}) *\| ?(.*)$/s.exec(piece.text) ??
    /^\[((?:pod|deployment)\/[\w./-]{1,200})\] ?(.*)$/s.exec(piece.text);
  if (match === null) return null;
  const [, container = '', text = ''] = match;
  return [unwrapped(piece, text, { origin: { container } })];
};

/** The kernel's `[   44.381409][    C4] `, and a bare time as `docker logs -t`, `ts` and CI services put it. */
export const stampLayer: Layer = piece => {
  const kernel = /^(?:<\d{1,3}>)?\[\s*\d+\.\d+\](?:\[\s*[CT]\d+\])? ?(.*)$/s.exec(piece.text);
  if (kernel !== null) return [unwrapped(piece, kernel[1] ?? '')];
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))(?: (.*)|)$/s.exec(piece.text);
  if (match === null) return null;
  return [unwrapped(piece, match[2] ?? '', { time: timeIn(match[1] ?? '') })];
};

const ABOUT_RACES = /DATA RACE|ThreadSanitizer|KCSAN|goroutine/;

/** A whole report in one line, with its line breaks written out: rsyslog's `#012`, octal `\012`, or `\n` in quotes. */
export const escapedLinesLayer: Layer = piece => {
  const { text } = piece;
  const octal = text.includes('#012') || text.includes('\\012');
  if (!octal && !(text.includes('\\n') && ABOUT_RACES.test(text))) return null;
  const plain = octal
    ? text
        .replace(/[#\\](?:011)/g, '\t')
        .replace(/[#\\]033\[[0-9;]*m/g, '')
        .replace(/[#\\]015/g, '')
    : text.replaceAll('\\t', '\t').replaceAll('\\r', '').replaceAll('\\"', '"');
  return plain.split(octal ? /[#\\]012/ : '\\n').map(line => unwrapped(piece, line));
};
