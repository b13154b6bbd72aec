import type { channelView, ReleaseView, RunView } from '../../automations/release/view.ts';

export type ChannelView = ReturnType<typeof channelView>;

/** A release as people read it in a terminal. */
export function renderRelease(release: ReleaseView): string[] {
  const lines = [
    `${release.product} ${release.version}: ${release.state}${release.yanked ? `, withdrawn: ${release.yanked.reason}` : ''}`,
    `  line ${release.line}, ${release.size} bytes, sent by ${release.credential} at ${release.received_at}`,
    `  sha256 ${release.sha256}`,
    `  md5    ${release.md5}`,
  ];
  for (const [field, value] of Object.entries(release.metadata)) lines.push(`  ${field}: ${firstLine(value)}`);
  for (const run of release.runs) lines.push(`  ${renderRun(run)}`);
  return lines;
}

export function renderRun(run: RunView): string {
  const end = run.exit === null ? (run.signal ?? '') : `exit ${run.exit}`;
  const why = run.how === 'released' ? '' : ` (${run.how} by ${run.by}${run.why === null ? '' : `: ${run.why}`})`;
  const head = run.head && !run.head.moved ? ` (not on offer: ${run.head.because})` : '';
  return [`#${run.attempt}`, run.environment, run.state, end, run.ended_at ?? run.started_at ?? '', why, head]
    .filter(Boolean)
    .join(' ');
}

/** One line for each release, in columns. */
export function renderList(releases: readonly ReleaseView[]): string[] {
  const rows = releases.map(release => [
    release.product,
    release.version,
    release.line,
    release.yanked ? 'yanked' : release.state,
    release.committed_at ?? '',
  ]);
  return columns([['PRODUCT', 'VERSION', 'LINE', 'STATE', 'AT'], ...rows]);
}

export function renderChannels(channels: readonly ChannelView[]): string[] {
  const rows = channels.map(({ product, line, environment, head }) => [product, line, environment, head ?? '-']);
  return columns([['PRODUCT', 'LINE', 'ENVIRONMENT', 'ON OFFER'], ...rows]);
}

function columns(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0))) ?? [];
  return rows.map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Metadata comes from outside: no control characters reach the terminal. */
function firstLine(text: string): string {
  const [first = ''] = text.split('\n');
  return first.replace(/\p{Cc}/gu, ' ').slice(0, 200);
}
