/** A time of the week on the clocks of a place: `Wed 10:00` in Europe/Berlin. */
export interface WeeklyTime {
  /** 0 is Sunday. */
  weekday: number;
  hour: number;
  minute: number;
  timeZone: string;
}

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY = 86_400_000;

/** Reads `Wed 10:00` or `Wednesday 10:00`; undefined when it is neither. */
export function parseWeekly(text: string): Omit<WeeklyTime, 'timeZone'> | undefined {
  const match = /^([a-z]{3})[a-z]*\s+([01]\d|2[0-3]):([0-5]\d)$/i.exec(text.trim());
  const weekday = WEEKDAYS.indexOf(match?.[1]?.toLowerCase() ?? '');
  if (!match || weekday < 0) return undefined;
  return { weekday, hour: Number(match[2]), minute: Number(match[3]) };
}

/** The first such time after `after` (ms since the epoch). A time that the clocks leave out comes right after the gap. */
export function nextTime(weekly: WeeklyTime, after: number): number {
  // A day more on both sides: the date there may be another one than here.
  for (let days = -1; days <= 8; days++) {
    const time = atLocal(weekly, after + days * DAY);
    if (time !== undefined && time > after) return time;
  }
  throw new Error('a week has a day without this time');
}

/** The instant at which the clocks show that time on the day of `near`, if that is the right weekday. */
function atLocal({ weekday, hour, minute, timeZone }: WeeklyTime, near: number): number | undefined {
  const local = new Date(near + offsetAt(near, timeZone));
  if (local.getUTCDay() !== weekday) return undefined;
  const wanted = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), hour, minute);
  const first = wanted - offsetAt(wanted, timeZone);
  return wanted - offsetAt(first, timeZone);
}

/** How far the clocks there are ahead of UTC at this instant, ms. */
function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const part = (type: string) => Number(parts.find(each => each.type === type)?.value);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown - Math.floor(time / 1000) * 1000;
}
