import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour } from '../theme.ts';

export interface ChartData {
  /** Seconds since 1970, ascending. */
  times: number[];
  series: { label: string; values: (number | null)[] }[];
  /** `bars` are piled up, `lines` are not. */
  as: 'bars' | 'lines';
  unit: string;
  height?: number;
}

const COLOURS = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'];
/** Lines are told by their dashes, too. */
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3], [4, 4]];

/** Seconds between two marks: from a minute to half a year. */
const STEPS = [1, 5, 15, 60, 180]
  .map(minutes => minutes * 60)
  .concat([1, 2, 7, 14, 28, 91, 182].map(days => days * 86_400));

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' });

/** Draws into a place of the page; the returned function removes it. */
export function drawChart(place: HTMLElement, data: ChartData): () => void {
  const { times, series, as, unit, height = 160 } = data;
  const ink = colour('ink-3');
  const grid = { stroke: colour('line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: '12px system-ui' };
  const rows = as === 'bars' ? pile(series.map(each => each.values)) : series.map(each => each.values);
  const drawn = series.map((each, index): uPlot.Series => {
    const stroke = colour(COLOURS[index % COLOURS.length]!);
    const value = (_chart: uPlot, _raw: number, _series: number, at: number | null) => {
      const shown = at === null ? null : each.values[at];
      return shown === null || shown === undefined ? '–' : `${shown} ${unit}`;
    };
    if (as === 'bars') {
      const paths = uPlot.paths.bars!({ size: [0.7, 28] });
      return { label: each.label, stroke, fill: stroke, width: 0, paths, points: { show: false }, value };
    }
    return {
      label: each.label,
      stroke,
      width: 2,
      dash: DASHES[index % DASHES.length]!,
      spanGaps: true,
      points: { show: times.length < 60, size: 5 },
      value,
    };
  });
  const chart = new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height,
      // The highest pile first, so that the lower ones are drawn over it.
      series: [
        { label: 'At', value: (_chart, raw) => dayOf(raw, times) },
        ...(as === 'bars' ? drawn.toReversed() : drawn),
      ],
      axes: [
        {
          ...axis,
          size: 30,
          space: 70,
          incrs: STEPS,
          values: [[86_400, '{D} {MMM}', null, null, null, null, null, null, 1], ...timeSteps()],
        },
        {
          ...axis,
          size: 48,
          space: 34,
          ...(as === 'bars' ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] } : {}),
          values: (_chart, splits) => splits.map(each => COMPACT.format(each)),
        },
      ],
      scales: {
        x: { range: withMargin(times, as) },
        y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.08)] },
      },
      cursor: { drag: { x: false, y: false }, y: false },
      legend: { show: series.length > 1 },
    },
    [times, ...(as === 'bars' ? rows.toReversed() : rows)] as uPlot.AlignedData,
    place,
  );
  const watch = new ResizeObserver(() => {
    const width = Math.max(200, place.clientWidth);
    if (width !== chart.width) chart.setSize({ width, height });
  });
  watch.observe(place);
  return () => {
    watch.disconnect();
    chart.destroy();
  };
}

/** Bars at both ends need room for their halves. */
function withMargin(times: readonly number[], as: ChartData['as']): [number, number] {
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const half = as === 'bars' && times.length > 1 ? (last - first) / (times.length - 1) / 2 : 0;
  const least = first === last ? 1800 : 0;
  return [first - half - least, last + half + least];
}

function timeSteps(): (string | number | null)[][] {
  return [
    [3600, '{HH}:{mm}', null, null, null, null, null, null, 1],
    [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
  ];
}

function pile(rows: (number | null)[][]): number[][] {
  const sums: number[] = [];
  return rows.map(row =>
    row.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index];
    }),
  );
}

function dayOf(seconds: number | null, times: readonly number[]): string {
  if (seconds === null) return '';
  const date = new Date(seconds * 1000);
  const close = (times[1] ?? 0) - (times[0] ?? 0) < 86_400;
  return close ? date.toLocaleTimeString('en-GB').slice(0, 5) : date.toISOString().slice(0, 10);
}
