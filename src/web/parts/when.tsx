import { signal } from '@preact/signals';

/** Ticks for all times on the page together. */
const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 20_000);

const STEPS: [limit: number, unit: number, name: string][] = [
  [60_000, 1000, 's'],
  [3_600_000, 60_000, 'min'],
  [86_400_000, 3_600_000, 'h'],
  [30 * 86_400_000, 86_400_000, 'd'],
];

/** How long ago, and the exact time for whoever points at it. */
export function When({ at }: { at: string | number | null }) {
  if (at === null) return <span class="quiet">never</span>;
  const time = new Date(at);
  return (
    <time dateTime={time.toISOString()} title={time.toLocaleString()} class="number">
      {ago(time.getTime(), now.value)}
    </time>
  );
}

function ago(time: number, from: number): string {
  const passed = from - time;
  const distance = Math.abs(passed);
  if (distance < 5000) return 'just now';
  for (const [limit, unit, name] of STEPS) {
    if (distance < limit) {
      const amount = `${Math.max(1, Math.floor(distance / unit))} ${name}`;
      return passed < 0 ? `in ${amount}` : `${amount} ago`;
    }
  }
  return dayOf(time);
}

/** `2026-11-23`, in the reader's own time. */
export function dayOf(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `14:03:22` */
export function clockOf(time: string | number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}

/** `3 min 20 s` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 1) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
