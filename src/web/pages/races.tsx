import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/call.ts';
import { liveCount } from '../api/live.ts';
import { useResource } from '../api/resource.ts';
import type { Box, Race } from '../api/types.ts';
import { parameters, setParameters } from '../navigation.ts';
import { Chart } from '../parts/chart.tsx';
import { Mark } from '../parts/mark.tsx';
import { narrow } from '../parts/narrow.ts';
import { GitLabLink } from '../parts/outside-link.tsx';
import { Empty, Page, Section } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Spark } from '../parts/spark.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { Windowed } from '../parts/windowed.tsx';

const PAGE = 200;
type Issue = '' | 'opened' | 'closed' | 'none';

/** Which data races the soak boxes see, the most pressing first. */
export function RacesPage() {
  const issue = (parameters().get('issue') ?? '') as Issue;
  const text = parameters().get('text') ?? '';
  const { races, total, error, started, more } = useRaces(issue, text);
  return (
    <Page
      title="Races"
      purpose="Data races that the soak boxes report, the frequent and recent ones first. Each is one issue that is kept fresh."
    >
      <PerDay />
      <div class="filters">
        <Tabs
          label="Issue"
          value={issue}
          options={[
            ['', 'All'],
            ['opened', 'Issue open'],
            ['closed', 'Issue closed'],
            ['none', 'No issue'],
          ]}
          choose={next => setParameters({ issue: next })}
        />
        <SearchField
          label="Function, box or title"
          value={text}
          placeholder="Cache"
          change={next => setParameters({ text: next })}
        />
      </div>
      <Trouble error={error} />
      <Section
        title={`${total.toLocaleString('en')} ${total === 1 ? 'race' : 'races'}`}
        note="bars: sightings a day over four weeks"
      >
        {started && races.length === 0 ? (
          <Empty>{text === '' && issue === '' ? 'No box has reported a race yet.' : 'No race fits.'}</Empty>
        ) : (
          <Windowed
            label="Races, the most pressing first"
            items={races}
            total={total}
            rowHeight={narrow.value ? 112 : 62}
            keyOf={race => race.fingerprint}
            row={race => <Row race={race} />}
            more={races.length < total ? more : undefined}
          />
        )}
      </Section>
      <Boxes />
    </Page>
  );
}

function Row({ race }: { race: Race }) {
  const last = race.days.at(-1) ?? 0;
  return (
    <div class="race-row">
      <div class="race-title">
        <a href={`/races/${encodeURIComponent(race.fingerprint)}`} class="foreign">
          <bdi>{race.title.slice(0, 160)}</bdi>
        </a>
        <span class="small quiet foreign">
          {race.boxes.slice(0, 3).join(', ')}
          {race.boxes.length > 3 && ` and ${race.boxes.length - 3} more`} · last <When at={race.last_seen} />
        </span>
      </div>
      <Spark values={race.days} label={`${race.count} sightings, ${last} of them today`} />
      <div class="race-count number">
        <strong>{race.count.toLocaleString('en')}×</strong>
      </div>
      <div class="race-issue small">
        <IssueState race={race} />
      </div>
    </div>
  );
}

export function IssueState({ race }: { race: Race }) {
  if (!race.issue) return <Mark tone="wait">no issue</Mark>;
  return (
    <>
      <Mark tone={race.issue.state === 'opened' ? 'caution' : 'go'}>
        {race.issue.state === 'opened' ? 'open' : 'closed'}
      </Mark>{' '}
      <GitLabLink reference={`${race.issue.project}#${race.issue.iid}`} />
    </>
  );
}

interface Loaded {
  name: string;
  races: Race[];
  total: number;
  started: boolean;
  error: unknown;
}

function useRaces(issue: Issue, text: string) {
  const query = new URLSearchParams({ order: 'rank', limit: String(PAGE) });
  if (issue !== '') query.set('issue', issue);
  if (text !== '') query.set('text', text);
  const name = query.toString();
  const fresh = (): Loaded => ({ name, races: [], total: 0, started: false, error: null });
  const [loaded, setLoaded] = useState<Loaded>(fresh);
  const asking = useRef('');
  const state = loaded.name === name ? loaded : fresh();

  const ask = useCallback(
    (skip: number) => {
      const asked = `${name} ${skip}`;
      if (asking.current === asked) return;
      asking.current = asked;
      get<{ races: Race[]; total: number }>(`/v1/races?${name}&skip=${skip}`)
        .then(
          answer =>
            setLoaded(last => {
              const before = last.name === name ? last.races.slice(0, skip) : [];
              const after = last.name === name ? last.races.slice(skip + answer.races.length) : [];
              return {
                name,
                races: [...before, ...answer.races, ...after],
                total: answer.total,
                started: true,
                error: null,
              };
            }),
          (error: unknown) => setLoaded(last => ({ ...last, name, started: true, error })),
        )
        .finally(() => {
          if (asking.current === asked) asking.current = '';
        });
    },
    [name],
  );
  useEffect(() => ask(0), [ask, liveCount.value]);
  const more = useCallback(() => ask(state.races.length), [ask, state.races.length]);
  return { ...state, more };
}

function PerDay() {
  const { data } = useResource<{ days: string[]; sightings: number[]; races: number[] }>('/v1/races/days', {
    live: true,
  });
  if (!data) return null;
  const sum = data.sightings.reduce((all, each) => all + each, 0);
  if (sum === 0) return null;
  return (
    <Chart
      title="Races seen a day"
      summary={`${sum.toLocaleString('en')} sightings in ${data.days.length} days`}
      times={data.days.map(day => Date.parse(day) / 1000)}
      series={[{ label: 'different races', values: data.races }]}
      as="bars"
      unit="races"
      height={130}
    />
  );
}

function Boxes() {
  const { data } = useResource<{ boxes: Box[] }>('/v1/races/boxes', { live: true });
  if (!data || data.boxes.length === 0) return null;
  return (
    <Section title="Boxes" note="from a box that says nothing, no report is no good news">
      <ul class="rows panel">
        {data.boxes.map(box => (
          <li key={box.name}>
            <div class="row wrap">
              <strong class="mono foreign">{box.name.slice(0, 80)}</strong>
              {box.says_nothing ? <Mark tone="caution">{box.says_nothing}</Mark> : <Mark tone="go">heard of</Mark>}
              <span class="small quiet foreign">{box.sessions.at(-1)?.build ?? ''}</span>
            </div>
            <div class="side">
              <When at={box.last_heard} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
