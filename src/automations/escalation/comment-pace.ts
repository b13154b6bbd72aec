import { SignalboxError } from '../../errors.ts';

const MINUTE = 60_000;

export type CommentPace = ReturnType<typeof commentPace>;

/**
 * Spreads comments so that GitLab's limit (300 a minute and user unless its administrator says otherwise) is never met: a 429 would hold
 * up everything else that is asked of GitLab as well. Who has to wait gets a place, and is let through when it comes back for it.
 */
export function commentPace(perMinute: number, now: () => number) {
  /** When each comment of the last minute was let through, and when those that wait will be. */
  let places: number[] = [];
  const waiting = new Map<string, number>();

  function takePlaces(count: number): number {
    const at = now();
    places = places.filter(place => place > at - MINUTE);
    for (let taken = 0; taken < count; taken++) {
      const before = places.at(-perMinute);
      places.push(Math.max(at, places.at(-1) ?? at, before === undefined ? at : before + MINUTE));
    }
    return places.at(-1) ?? at;
  }

  return {
    /** @throws SignalboxError SBX_REMOTE_THROTTLED with the time to come again */
    pass: (key: string, count: number): void => {
      const place = waiting.get(key) ?? takePlaces(Math.min(count, perMinute));
      if (place <= now()) {
        waiting.delete(key);
        return;
      }
      waiting.set(key, place);
      throw new SignalboxError('SBX_REMOTE_THROTTLED', 'GitLab: its comments of this minute are used up', {
        retryAt: place,
      });
    },
  };
}
