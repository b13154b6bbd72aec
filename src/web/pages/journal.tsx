import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/call.ts';
import { liveCount } from '../api/live.ts';
import type { JournalPage as Answer, BriefRow, JournalProof, JournalRow } from '../api/types.ts';
import { parameters, setParameters } from '../navigation.ts';
import { Dialog } from '../parts/dialog.tsx';
import { JournalLine } from '../parts/journal-line.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark } from '../parts/mark.tsx';
import { narrow } from '../parts/narrow.ts';
import { Empty, Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { clockOf, dayOf } from '../parts/when.tsx';
import { Windowed } from '../parts/windowed.tsx';

const KINDS = ['signal', 'decision', 'effect', 'failure', 'operator', 'service'];
const PAGE = 200;

/** Everything that happened and why, and the proof that nobody has edited it. */
export function JournalPage() {
  const query = useQuery();
  const { rows, head, searched, done, error, more } = useJournal(query);
  const [open, setOpen] = useState<number | null>(null);
  const field = (name: string) => parameters().get(name) ?? '';
  return (
    <Page
      title="Journal"
      purpose="Everything that came in, was decided and was done, in the order it happened. Each row is chained to the one before."
      actions={<Verify />}
    >
      <div class="filters">
        <SearchField
          label="Text"
          value={field('text')}
          placeholder="any word"
          change={text => setParameters({ text })}
        />
        <SearchField
          label="Key, exactly"
          value={field('key')}
          placeholder="merge-request:acme/appliance!12"
          change={key => setParameters({ key })}
        />
        <label class="field">
          Kind
          <select value={field('kind')} onChange={event => setParameters({ kind: event.currentTarget.value })}>
            <option value="">all</option>
            {KINDS.map(kind => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        {narrow.value ? (
          <details>
            <summary class="small">Time</summary>
            <Times field={field} />
          </details>
        ) : (
          <Times field={field} />
        )}
      </div>
      <Trouble error={error} />
      <p class="quiet small" role="status">
        {rows.length.toLocaleString('en')} rows shown
        {done ? '' : `, ${searched.toLocaleString('en')} of ${head.toLocaleString('en')} looked through`}
      </p>
      {rows.length === 0 && done ? (
        <Empty>No row fits.</Empty>
      ) : (
        <Windowed
          label="Journal, newest first"
          items={rows}
          total={done ? rows.length : -1}
          rowHeight={narrow.value ? 84 : 38}
          keyOf={row => row.seq}
          row={row => <Row row={row} open={() => setOpen(row.seq)} />}
          more={done ? undefined : more}
        />
      )}
      {open !== null && <RowDialog seq={open} close={() => setOpen(null)} />}
    </Page>
  );
}

function Times({ field }: { field: (name: string) => string }) {
  return (
    <div class="filters">
      <TimeField label="From" name="from" value={field('from')} />
      <TimeField label="Until" name="to" value={field('to')} />
    </div>
  );
}

function TimeField({ label, name, value }: { label: string; name: string; value: string }) {
  return (
    <label class="field">
      {label}
      <input
        type="datetime-local"
        value={value}
        onChange={event => setParameters({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}

function Row({ row, open }: { row: BriefRow; open: () => void }) {
  return (
    <div class="journal-row">
      <button type="button" class="journal-when number small" onClick={open}>
        {dayOf(Date.parse(row.at))} {clockOf(row.at)}
        <span class="hidden-text">, all of row {row.seq}</span>
      </button>
      <JournalLine row={row} />
    </div>
  );
}

function useQuery(): string {
  const given = parameters();
  const query = new URLSearchParams();
  for (const name of ['text', 'key', 'kind']) {
    const value = given.get(name)?.trim();
    if (value) query.set(name, value);
  }
  // The fields are in the reader's time, the service thinks in UTC.
  for (const name of ['from', 'to']) {
    const time = Date.parse(given.get(name) ?? '');
    if (!Number.isNaN(time)) query.set(name, new Date(time).toISOString());
  }
  return query.toString();
}

interface Loaded {
  query: string;
  rows: BriefRow[];
  next: number | null;
  head: number;
  started: boolean;
  error: unknown;
}

/** Rows from the newest on, a page at a time; new ones come in at the top by themselves. */
function useJournal(query: string) {
  const fresh = (): Loaded => ({ query, rows: [], next: null, head: 0, started: false, error: null });
  const [loaded, setLoaded] = useState<Loaded>(fresh);
  const asking = useRef('');
  const state = loaded.query === query ? loaded : fresh();

  const ask = useCallback(
    (before: number | null, merge: (last: Loaded, answer: Answer) => Loaded) => {
      const name = `${query} ${before}`;
      if (asking.current === name) return;
      asking.current = name;
      const place = before === null ? '' : `&before=${before}`;
      get<Answer>(`/v1/journal?brief=true&limit=${PAGE}&${query}${place}`)
        .then(
          answer => setLoaded(last => merge(last.query === query ? last : fresh(), answer)),
          (error: unknown) => setLoaded(last => ({ ...last, query, started: true, error })),
        )
        .finally(() => {
          if (asking.current === name) asking.current = '';
        });
    },
    [query],
  );

  useEffect(() => {
    ask(null, (last, answer) => {
      const newest = last.rows[0]?.seq ?? 0;
      const added = answer.rows.filter(row => row.seq > newest);
      // A gap between what is new and what is there: begin again.
      const gap = last.rows.length > 0 && added.length === PAGE;
      if (!last.started || gap) return { ...last, ...answer, started: true, error: null };
      return { ...last, rows: [...added, ...last.rows], head: answer.head, error: null };
    });
  }, [ask, liveCount.value]);

  const more = useCallback(() => {
    if (state.next === null) return;
    ask(state.next, (last, answer) => ({
      ...last,
      rows: [...last.rows, ...answer.rows],
      next: answer.next,
      head: answer.head,
      error: null,
    }));
  }, [ask, state.next]);

  return {
    rows: state.rows,
    head: state.head,
    searched: state.started ? state.head - (state.next ?? 1) + 1 : 0,
    done: state.started && state.next === null,
    error: state.error,
    more,
  };
}

function RowDialog({ seq, close }: { seq: number; close: () => void }) {
  const [row, setRow] = useState<JournalRow | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    get<JournalRow>(`/v1/journal/${seq}`).then(setRow, setError);
  }, [seq]);
  return (
    <Dialog title={`Row ${seq}`} close={close}>
      <Trouble error={error} />
      {row && (
        <>
          <dl class="pairs">
            <dt>When</dt>
            <dd>{new Date(row.at).toLocaleString()}</dd>
            <dt>Kind</dt>
            <dd>{row.kind}</dd>
            {row.key !== null && (
              <>
                <dt>Key</dt>
                <dd>
                  <KeyLink name={row.key} />
                </dd>
              </>
            )}
            <dt>Hash</dt>
            <dd class="mono foreign">{row.hash}</dd>
          </dl>
          <JsonTree value={row.data} />
        </>
      )}
      <div class="row end">
        <button type="button" class="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

/** Recomputes the chain of hashes on the service. */
function Verify() {
  const [state, setState] = useState<'idle' | 'busy' | JournalProof>('idle');
  const [error, setError] = useState<unknown>(null);
  const verify = () => {
    setState('busy');
    setError(null);
    get<JournalProof>('/v1/journal/proof').then(setState, (failure: unknown) => {
      setError(failure);
      setState('idle');
    });
  };
  return (
    <>
      <button type="button" class="button" onClick={verify} disabled={state === 'busy'}>
        {state === 'busy' ? 'Verifying …' : 'Verify'}
      </button>
      <Trouble error={error} />
      <span role="status">
        {typeof state === 'object' &&
          (state.ok ? (
            <Mark tone="go">{state.rows.toLocaleString('en')} rows, each as it was written</Mark>
          ) : (
            <Mark tone="stop">
              broken at row {state.brokenAt}: {state.detail}
            </Mark>
          ))}
      </span>
    </>
  );
}
