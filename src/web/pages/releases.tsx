import { useState } from 'preact/hooks';
import { overview } from '../api/overview.ts';
import { useResource } from '../api/resource.ts';
import type { Channel, Release, ReleaseFigures } from '../api/types.ts';
import { Chart } from '../parts/chart.tsx';
import { Mark, releaseTone } from '../parts/mark.tsx';
import { Empty, Page, Section } from '../parts/page.tsx';
import { StateFilter, stateFilter } from '../parts/state-filter.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { ChannelBoard } from './releases/channel-board.tsx';
import { Preflight } from './releases/preflight.tsx';
import { releasePath } from './releases/release-path.ts';

type State = '' | 'released' | 'under-way' | 'failed';

const STATES: Record<State, (release: Release) => boolean> = {
  '': () => true,
  released: release => release.state === 'released',
  'under-way': release => ['queued', 'running', 'receiving', 'verified'].includes(release.state),
  failed: release => ['failed', 'timed_out', 'interrupted', 'rejected'].includes(release.state),
};

/** What each line offers in each environment, and how it came there. */
export function ReleasesPage() {
  const { data: channels, error: channelError } = useResource<{ channels: Channel[] }>('/v1/channels', { live: true });
  const [asking, setAsking] = useState(false);
  const products = overview.value?.products ?? [];
  return (
    <Page
      title="Releases"
      purpose="What update servers offer on each release line, and everything that was received from the build servers."
      actions={
        products.length > 0 && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            Preflight a release
          </button>
        )
      }
    >
      <Trouble error={channelError} />
      {products.map(product => (
        <ChannelBoard key={product.name} product={product} channels={channels?.channels ?? []} />
      ))}
      <Figures />
      <List />
      {asking && <Preflight products={products} close={() => setAsking(false)} />}
    </Page>
  );
}

function List() {
  const { data, error } = useResource<{ releases: Release[] }>('/v1/releases?order=newest&limit=500', { live: true });
  const [most, setMost] = useState(25);
  const filter = stateFilter<State>('');
  const text = filter.text.toLowerCase();
  const all = data?.releases ?? [];
  const newestFirst = all.toSorted((a, b) => Date.parse(b.received_at) - Date.parse(a.received_at));
  const shown = newestFirst.filter(
    release =>
      STATES[filter.state](release) &&
      (text === '' ||
        [release.product, release.version, release.line, ...Object.values(release.metadata)].some(each =>
          each.toLowerCase().includes(text),
        )),
  );
  return (
    <Section title="History" note="newest first">
      <div class="stack tight">
        <StateFilter
          filter={filter}
          usual=""
          label="State"
          options={[
            ['', 'All'],
            ['released', 'Released'],
            ['under-way', 'Under way'],
            ['failed', 'Failed'],
          ]}
          search={['Version, line or metadata', '5.4']}
        />
        <Trouble error={error} />
        {data && shown.length === 0 && (
          <Empty>
            {all.length === 0 ? 'Nothing has been received yet: see docs/releases for the first push.' : 'None fits.'}
          </Empty>
        )}
        {shown.length > 0 && (
          <ul class="rows panel">
            {shown.slice(0, most).map(release => (
              <Row key={`${release.product}/${release.version}`} release={release} />
            ))}
          </ul>
        )}
        {shown.length > most && (
          <button type="button" class="button" onClick={() => setMost(last => last + 100)}>
            Show more of {shown.length}
          </button>
        )}
      </div>
    </Section>
  );
}

function Row({ release }: { release: Release }) {
  const { product, version, line, state, yanked, pinned, runs, received_at: receivedAt } = release;
  const reached = runs.filter(run => run.state === 'released').map(run => run.environment);
  return (
    <li>
      <div class="row wrap">
        <a class="mono foreign" href={releasePath(product, version)}>
          <bdi>
            {product} {version}
          </bdi>
        </a>
        <Mark tone={yanked ? 'caution' : releaseTone(state)}>{yanked ? 'withdrawn' : state.replace('_', ' ')}</Mark>
        {pinned && <span class="small quiet">pinned</span>}
      </div>
      <div class="side">
        <When at={receivedAt} />
      </div>
      <div class="wide small quiet foreign">
        line {line}
        {reached.length > 0 && ` · released in ${[...new Set(reached)].join(', ')}`} · from{' '}
        {release.credential.slice(0, 60)}
      </div>
    </li>
  );
}

function Figures() {
  const { data } = useResource<ReleaseFigures>('/v1/figures/releases', { live: true });
  if (!data) return null;
  const times = data.weeks.map(week => Date.parse(week) / 1000);
  const active = data.lines.filter(line => line.released.some(count => count > 0));
  const waited = data.lines.filter(line => line.leadHours.some(hours => hours !== null));
  const sum = active.reduce((all, line) => all + line.released.reduce((a, b) => a + b, 0), 0);
  if (sum === 0) return null;
  return (
    <div class="two">
      <Chart
        title="Releases a week"
        summary={`${sum} in ${data.weeks.length} weeks: ${active.map(line => `${line.line}: ${line.released.reduce((a, b) => a + b, 0)}`).join(', ')}`}
        times={times}
        series={active.map(line => ({ label: line.line, values: line.released }))}
        as="bars"
        unit=""
      />
      {waited.length > 0 && (
        <Chart
          title="From merge to production, in days"
          summary={waited.map(line => `${line.line}: ${hoursOf(line.leadHours)}`).join(', ')}
          times={times}
          series={waited.map(line => ({ label: line.line, values: line.leadHours.map(daysOf) }))}
          as="lines"
          unit="days"
        />
      )}
    </div>
  );
}

function daysOf(hours: number | null): number | null {
  return hours === null ? null : Math.round(hours / 2.4) / 10;
}

/** The middle of the weeks, in words. */
function hoursOf(weeks: readonly (number | null)[]): string {
  const known = weeks.flatMap(hours => hours ?? []).sort((a, b) => a - b);
  const middle = known[Math.floor(known.length / 2)] ?? 0;
  return middle < 48 ? `${Math.round(middle)} h` : `${Math.round(middle / 24)} days`;
}
