/** In a flood, reading rests for so many times as long as it took: answering goes before reading. */
const TIMES = 9;
const LONGEST = 1000;
/** Unread bytes that make a flood; what a team at work sends is read at once. */
const FLOOD = 2 * 1024 * 1024;
/** With more than this unread, reading rests no longer, so that no flood, however long, fills the disk. */
const HIGH_WATER = 1024 * 1024 * 1024;

/** How long to rest, in milliseconds, after a reading that took so long, while deliveries come in and so many bytes wait. */
export function restAfter(reading: { took: number; arriving: boolean; unread: number }): number {
  const { took, arriving, unread } = reading;
  const flooded = arriving && unread > FLOOD && unread < HIGH_WATER;
  return flooded ? Math.min(LONGEST, TIMES * took) : 0;
}
