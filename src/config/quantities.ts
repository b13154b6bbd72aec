/**
 * Durations and sizes as people write them. Both parsers return `undefined` for what they do not understand, so that
 * the caller can say it in its own words.
 */
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const BYTES: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** The pattern editors check; `parseDuration` is stricter about the order of units. */
export const DURATION_PATTERN = /^(?:\d{1,9}(?:ms|[dhms]))+$/;

/** The pattern editors check. */
export const BYTE_SIZE_PATTERN = /^\d{1,15}(?:\.\d{1,3})?\s?(?:B|[kK]B|[MGT]B|[KMGT]iB)$/;

/** `15m`, `1h30m`, `500ms`, `2d` to milliseconds; each unit at most once, the largest first. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const units = ['d', 'h', 'm', 's', 'ms'];
  return units.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * (MILLISECONDS[unit] ?? 0), 0);
}

/** `8GiB`, `1.5 GB`, `512B` to bytes; undefined as well for fractions of a byte and beyond 2^53. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s?([A-Za-z]{1,3})$/.exec(text);
  const unit = BYTES[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
