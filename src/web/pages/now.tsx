import { useEffect, useState } from 'preact/hooks';
import { addRows, liveJoined, liveRows, liveState } from '../api/live.ts';
import { overview } from '../api/overview.ts';
import { useResource } from '../api/resource.ts';
import type { Beat, Hand, JournalPage } from '../api/types.ts';
import { Chart } from '../parts/chart.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { JournalLine } from '../parts/journal-line.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark } from '../parts/mark.tsx';
import { narrow } from '../parts/narrow.ts';
import { Empty, Page, Section } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { clockOf, duration, When } from '../parts/when.tsx';

const WHAT: Record<string, string> = {
  'dead-letter': 'Dead letter',
  release: 'Release',
  webhook: 'Webhook',
  token: 'Token',
  box: 'Soak box',
  board: 'Board',
  escalation: 'Escalation',
};

/** Does anything need a hand, and what is going on. */
export function NowPage() {
  const hands = overview.value?.hands;
  return (
    <Page title="Now" purpose="What needs a hand, and what the service is doing at this moment.">
      <Section title="Needs a hand">{hands === undefined ? <Empty>Looking …</Empty> : <Hands hands={hands} />}</Section>
      <Stream />
      <Health />
    </Page>
  );
}

function Hands({ hands }: { hands: readonly Hand[] }) {
  if (hands.length === 0) {
    return (
      <div class="notice tone-go">
        <Mark tone="go">All clear</Mark>: nothing waits for a person. No dead letters, no failed release, all webhooks
        work, no token is about to expire.
      </div>
    );
  }
  return (
    <ul class="rows panel">
      {hands.map(hand => (
        <li key={hand.what + hand.key + hand.title}>
          <div>
            <Mark tone={hand.urgency === 'wrong' ? 'stop' : 'caution'}>{WHAT[hand.what] ?? hand.what}</Mark>{' '}
            <strong class="foreign">
              <bdi>{hand.title.slice(0, 300)}</bdi>
            </strong>
          </div>
          <div class="side">
            <When at={hand.since} />
          </div>
          <div class="wide">
            {hand.detail !== '' && (
              <p>
                <Foreign text={hand.detail} most={300} />
              </p>
            )}
            <KeyLink name={hand.key} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Stream() {
  const { data, error } = useResource<JournalPage>('/v1/journal?brief=true&limit=60', { again: liveJoined.value });
  const [held, setHeld] = useState<ReturnType<typeof liveRows.peek> | null>(null);
  useEffect(() => {
    if (data) addRows(data.rows);
  }, [data]);
  const rows = (held ?? liveRows.value).slice(0, narrow.value ? 20 : 40);
  const note = held ? 'held while you read' : liveState.value === 'live' ? 'live' : 'connecting …';
  return (
    <section>
      <div class="section-head">
        <h2>What happens</h2>
        <div class="row">
          <p>{note}</p>
          <button
            type="button"
            class="button plain"
            aria-pressed={held !== null}
            onClick={() => setHeld(held ? null : liveRows.value)}
          >
            {held ? 'Go on' : 'Hold'}
          </button>
          <a href="/journal" class="small">
            Whole journal
          </a>
        </div>
      </div>
      <Trouble error={error} />
      {rows.length === 0 ? (
        <Empty>Nothing has happened yet. As soon as GitLab sends something, it shows here.</Empty>
      ) : (
        <ol class="panel stream" aria-label="What happens, newest first">
          {rows.map(row => (
            <li key={row.seq}>
              <time class="number quiet small" dateTime={row.at} title={new Date(row.at).toLocaleString()}>
                {clockOf(row.at)}
              </time>
              <JournalLine row={row} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** How fast the service itself is, and how much GitLab lets it ask. */
function Health() {
  const { data } = useResource<{ minutes: Beat[] }>('/v1/figures/pulse', { live: true });
  const minutes = data?.minutes ?? [];
  if (minutes.length < 2) return null;
  const times = minutes.map(beat => Date.parse(beat.at) / 1000);
  const slowest = Math.max(...minutes.map(beat => beat.slowest));
  const lag = Math.max(...minutes.map(beat => beat.lag));
  const looks = minutes.reduce((sum, beat) => sum + beat.looks, 0);
  const budgets = minutes.map(beat => beat.budget);
  const lowest = Math.min(...budgets.flatMap(budget => budget ?? []));
  return (
    <Section title="The service itself" note="the last hours of this process">
      <div class="two">
        <Chart
          title="Delivery lag and looks, the longest of each minute"
          summary={`no delivery waited longer than ${duration(lag)}; ${looks} looks, the longest ${duration(slowest)}`}
          times={times}
          series={[
            { label: 'delivery waited', values: minutes.map(beat => beat.lag) },
            { label: 'look', values: minutes.map(beat => beat.slowest) },
          ]}
          as="lines"
          unit="ms"
        />
        {Number.isFinite(lowest) && (
          <Chart
            title="GitLab API budget"
            summary={`never below ${lowest} requests`}
            times={times}
            series={[{ label: 'requests left', values: budgets }]}
            as="lines"
            unit="requests"
          />
        )}
      </div>
    </Section>
  );
}
