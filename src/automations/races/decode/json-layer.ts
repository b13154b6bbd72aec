import type { Layer, Origin } from './piece.ts';
import { unwrapped } from './piece.ts';
import { jsonTime } from './times.ts';

type Json = Record<string, unknown>;

/** Plain checks and no schemas: every line of a JSON log comes by here, and a box's memory is the product's. */
function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the log libraries and shippers put the line itself, the ones that wrap most first. */
const TEXT_KEYS = ['MESSAGE', 'log', 'message', 'msg', 'Output', 'line', 'textPayload', 'event', 'text'];
const TIME_KEYS = ['__REALTIME_TIMESTAMP', 'time', 'ts', '@timestamp', 'timestamp', 'Time', 't'];

const HOST = ['_HOSTNAME', 'hostname', 'host', 'host.name', 'host.hostname', 'agent.hostname', 'kubernetes.host'];
const UNIT = ['_SYSTEMD_UNIT', 'SYSLOG_IDENTIFIER', 'service', 'service.name', 'Package', 'container_name'];
const PID = ['_PID', 'SYSLOG_PID', 'pid', 'process.pid'];
const CONTAINER = [
  'CONTAINER_ID',
  'container.id',
  'container_id',
  'kubernetes.pod_name',
  'kubernetes.pod.name',
  'log.file.path',
];

function at(value: Json, path: string): unknown {
  if (path in value) return value[path];
  let inner: unknown = value;
  for (const key of path.split('.')) {
    if (!isJson(inner)) return undefined;
    inner = inner[key];
  }
  return inner;
}

function first(value: Json, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = at(value, path);
    if (typeof found === 'string' && found !== '') return found;
    if (typeof found === 'number') return String(found);
  }
  return undefined;
}

function originOf(value: Json): Origin {
  const origin: Origin = {};
  const [host, unit, pid, container] = [HOST, UNIT, PID, CONTAINER].map(paths => first(value, paths));
  if (host !== undefined) origin.host = host;
  if (unit !== undefined) origin.unit = unit;
  if (pid !== undefined) origin.pid = pid;
  if (container !== undefined) origin.container = container;
  return origin;
}

/** journald writes a message that is not valid UTF-8 as an array of its bytes. */
function asText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const bytes = value.filter(byte => typeof byte === 'number');
  return bytes.length === value.length ? Buffer.from(bytes).toString('utf8') : null;
}

function textOf(value: Json): { text: string; key: string } | null {
  for (const key of TEXT_KEYS) {
    const text = asText(value[key]);
    if (text !== null) return { text, key };
  }
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && /DATA RACE|goroutine \d/.test(inner)) return { text: inner, key };
  }
  return null;
}

function parsed(text: string): Json | null {
  if (!text.startsWith('{') || !text.trimEnd().endsWith('}')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

/** One JSON object per line: docker's json-file, journald, zap, filebeat, fluent-bit, `go test -json`. */
export const jsonLayer: Layer = piece => {
  const value = parsed(piece.text);
  const found = value === null ? null : textOf(value);
  // An object without a message (a metric, a "start" action) says nothing, and tears no report either.
  if (value === null) return null;
  if (found === null) return [];
  const origin = originOf(value);
  const time = TIME_KEYS.map(key => jsonTime(value[key])).find(candidate => candidate !== null) ?? null;
  // docker splits lines of 16 KiB, and test output comes as it was written: a line goes on until its line break.
  const pieces = found.key === 'log' || (found.key === 'Output' && 'Action' in value);
  const stream = typeof value['stream'] === 'string' ? value['stream'] : '';
  const joins = `${piece.joins}|${JSON.stringify(origin)}|${stream}`;
  const lines = found.text.split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.map(text => unwrapped(piece, text, { time, origin, joins }));
  if (last === '' && lines.length > 0) return whole;
  return [...whole, unwrapped(piece, last, { time, origin, joins, partial: pieces && last !== '' })];
};
