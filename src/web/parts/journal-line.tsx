import type { BriefRow } from '../api/types.ts';
import { KeyLink } from './key-link.tsx';
import { Mark, type Tone } from './mark.tsx';
import { When } from './when.tsx';

const TONES: Record<BriefRow['kind'], Tone> = {
  signal: 'wait',
  decision: 'run',
  effect: 'go',
  failure: 'stop',
  operator: 'caution',
  service: 'wait',
};

/** What kind of row it is. */
export function KindMark({ row }: { row: Pick<BriefRow, 'kind' | 'bad'> }) {
  return <Mark tone={row.bad ? 'stop' : TONES[row.kind]}>{row.kind}</Mark>;
}

const NEXT_TRY = /^(.*\bagain at )(\d{4}-\d\d-\d\dT[\d:.]+Z)(.*)$/;

/** What a row says, with the time of the next try as times are shown everywhere. */
export function LineText({ line }: { line: string }) {
  const [, before, time = '', after] = NEXT_TRY.exec(line) ?? [];
  if (Number.isNaN(Date.parse(time))) return <>{line}</>;
  return (
    <>
      {before}
      <When at={time} />
      {after}
    </>
  );
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
        <bdi>
          <LineText line={row.line} />
        </bdi>
      </span>
    </>
  );
}
