const SIZES: Record<string, number> = { mo: 576_000, w: 144_000, d: 28_800, h: 3600, m: 60, s: 1 };

/** `1h 30m`, `-2d` in seconds, with GitLab's 8-hour days and 5-day weeks; null if it is no duration. */
export function seconds(text: string): number | null {
  const parts = [...text.matchAll(/(-?)\s*(\d+(?:\.\d+)?)\s*(mo|w|d|h|m|s)/g)];
  if (parts.length === 0) return null;
  return parts.reduce(
    (total, [, sign, count, unit]) => total + (sign === '-' ? -1 : 1) * Number(count) * (SIZES[unit ?? ''] ?? 0),
    0,
  );
}
