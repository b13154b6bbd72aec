interface SparkProps {
  values: readonly number[];
  /** What it shows, for whoever does not see it. */
  label: string;
  width?: number;
  height?: number;
}

/** A bar for each day; one path, because there may be thousands of these. */
export function Spark({ values, label, width = 112, height = 22 }: SparkProps) {
  const highest = Math.max(1, ...values);
  const step = width / values.length;
  const bar = (value: number, index: number): string => {
    const tall = value === 0 ? 1 : Math.max(2, (value / highest) * height);
    return `M${(index * step).toFixed(1)} ${height}v${(-tall).toFixed(1)}h${(step - 1).toFixed(1)}v${tall.toFixed(1)}z`;
  };
  return (
    <svg class="spark" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <path d={values.map(bar).join('')} />
    </svg>
  );
}
