import type { BriefRow } from '../api/types.ts';
import { KeyLink } from './key-link.tsx';
import { Mark, type Tone } from './mark.tsx';

const TONES: Record<BriefRow['kind'], Tone> = {
  signal: 'wait',
  decision: 'run',
  effect: 'go',
  failure: 'stop',
  operator: 'caution',
  service: 'wait',
};

/** What kind of row it is. */
export function KindMark({ row }: { row: BriefRow }) {
  return <Mark tone={row.bad ? 'stop' : TONES[row.kind]}>{row.kind}</Mark>;
}

/** A row of the journal in one line: kind, key, what happened. */
export function JournalLine({ row }: { row: BriefRow }) {
  return (
    <>
      <span class="journal-kind">
        <KindMark row={row} />
      </span>
      <span class="journal-text foreign">
        {row.key !== null && (
          <>
            <KeyLink name={row.key} />{' '}
          </>
        )}
        <bdi>{row.line}</bdi>
      </span>
    </>
  );
}
