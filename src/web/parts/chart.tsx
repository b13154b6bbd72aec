import { useEffect, useRef } from 'preact/hooks';
import { repaint } from '../theme.ts';
import type { ChartData } from './draw-chart.ts';

interface ChartProps extends ChartData {
  title: string;
  /** The same in words. */
  summary: string;
}

/** A chart with its message in words; the drawing code is loaded when the first one comes into sight. */
export function Chart({ title, summary, ...data }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const colours = repaint.value;
  const content = JSON.stringify(data);
  useEffect(() => {
    const target = place.current;
    if (!target) return;
    let remove = () => {};
    let gone = false;
    void import('./draw-chart.ts').then(({ drawChart }) => {
      if (!gone) remove = drawChart(target, data);
    });
    return () => {
      gone = true;
      remove();
    };
  }, [content, colours]);
  return (
    <figure class="chart panel padded">
      <figcaption>
        <strong>{title}</strong> <span class="quiet small">{summary}</span>
      </figcaption>
      <div
        ref={place}
        role="img"
        aria-label={`${title}: ${summary}`}
        style={{ minHeight: `${(data.height ?? 160) + (data.series.length > 1 ? 28 : 0)}px` }}
      />
    </figure>
  );
}
