/** One line of a benchmark's result: ours beside a peer of the same run. */
export interface Row {
  name: string;
  ours: string;
  peer: string;
  /** ours / peer; null where nothing is divided. */
  ratio: number | null;
  /** What was to be reached; null for a figure that is only told. */
  goal: string | null;
  reached: boolean | null;
}

/** What every benchmark takes. */
export interface BenchOptions {
  /** Few and short rounds, to see that it works; the figures are worth nothing. */
  quick?: boolean;
  say?: (line: string) => void;
}

/** What could not be compared, because the peer is not installed. */
export function missing(name: string, why: string): Row {
  return { name, ours: 'not run', peer: `missing: ${why}`, ratio: null, goal: null, reached: null };
}

export function renderRows(rows: readonly Row[]): string {
  const lines = rows.map(({ name, ours, peer, ratio, goal, reached }) => {
    const verdict = reached === null ? '' : reached ? 'reached' : '**missed**';
    return `| ${name.replaceAll('|', String.raw`\|`)} | ${ours} | ${peer} | ${ratio?.toFixed(2) ?? ''} | ${goal ?? ''} | ${verdict} |`;
  });
  return ['| | ours | peer | ratio | goal | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}
