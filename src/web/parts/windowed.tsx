import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface WindowedProps<Item> {
  label: string;
  items: readonly Item[];
  /** How many there are in all, as far as is known. */
  total: number;
  rowHeight: number;
  keyOf: (item: Item) => string | number;
  row: (item: Item) => ComponentChildren;
  /** The end of what is loaded comes into sight. */
  more?: (() => void) | undefined;
}

/** Rows above and below what is seen. */
const MARGIN = 12;

/** A list of any length of which only what is seen is in the page. */
export function Windowed<Item>({ label, items, total, rowHeight, keyOf, row, more }: WindowedProps<Item>) {
  const place = useRef<HTMLUListElement>(null);
  const [range, setRange] = useState({ first: 0, last: 40 });

  const measure = () => {
    const box = place.current?.getBoundingClientRect();
    if (!box) return;
    const first = Math.max(0, Math.floor(-box.top / rowHeight) - MARGIN);
    const last = Math.ceil((innerHeight - box.top) / rowHeight) + MARGIN;
    setRange(current => (current.first === first && current.last === last ? current : { first, last }));
  };
  useLayoutEffect(measure, [items.length, rowHeight]);
  useEffect(() => {
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [rowHeight]);
  useEffect(() => {
    if (range.last >= items.length - MARGIN) more?.();
  }, [range.last, items.length, more]);

  const shown = items.slice(range.first, range.last);
  return (
    <ul ref={place} class="windowed panel" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
      {shown.map((item, index) => (
        <li
          key={keyOf(item)}
          aria-setsize={total}
          aria-posinset={range.first + index + 1}
          style={{ top: `${(range.first + index) * rowHeight}px`, height: `${rowHeight}px` }}
        >
          {row(item)}
        </li>
      ))}
    </ul>
  );
}
