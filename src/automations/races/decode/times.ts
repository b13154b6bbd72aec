const STAMP = /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/;

/** A time within the beginning of a line, in milliseconds since 1970; without a zone it is this machine's. */
export function timeIn(text: string): number | null {
  const match = STAMP.exec(text.length > 100 ? text.slice(0, 100) : text);
  if (match === null) return null;
  const [, year, month, day, clock, fraction = '0', zone = ''] = match;
  const time = Date.parse(`${year}-${month}-${day}T${clock}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(time) ? null : time;
}

/** `Nov 20 03:14:15` of the given year. */
export function syslogTime(text: string, year: number): number | null {
  const time = Date.parse(`${text.replace(/\s+/g, ' ')} ${year}`);
  return Number.isNaN(time) ? null : time;
}

/** A time as log libraries write it into JSON: text, seconds, milliseconds, microseconds or nanoseconds. */
export function jsonTime(value: unknown): number | null {
  if (typeof value === 'string') {
    if (/^\d{10,19}(?:\.\d+)?$/.test(value)) return jsonTime(Number(value));
    return timeIn(value);
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 1e9) return null;
  const unit = value < 1e11 ? 1000 : value < 1e14 ? 1 : value < 1e17 ? 1e-3 : 1e-6;
  return Math.round(value * unit);
}
