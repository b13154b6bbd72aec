import { SignalboxError } from '../../errors.ts';

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/**
 * `90s`, `15m`, `36h`, `7d`, `2w` in milliseconds.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(text.trim());
  if (!match) throw new SignalboxError('SBX_USAGE', `${text} is no length of time: write 90s, 15m, 36h or 7d`);
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
}

/**
 * A point in time, in milliseconds since 1970: `2026-11-20` (midnight here), `2026-11-20T06:00Z`, or how long ago.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function parseMoment(text: string, now: number): number {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    // A date alone would be read as UTC, and a time without zone as local: people mean the same clock in both.
    const moment = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
    if (!Number.isNaN(moment)) return moment;
  } else if (/^\d+(?:\.\d+)?\s*[smhdw]$/.test(text.trim())) {
    return now - parseDuration(text);
  }
  throw new SignalboxError('SBX_USAGE', `${text} is no time: write 2026-11-20, 2026-11-20T06:00Z, 36h or 7d`);
}
