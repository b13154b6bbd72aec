import { useState } from 'preact/hooks';
import { Problem, send } from '../api/call.ts';
import { useResource } from '../api/resource.ts';
import { mayAct } from '../api/session.ts';
import type { Explanation } from '../api/types.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { KindMark, LineText } from '../parts/journal-line.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { Mark, type Tone, verdictTone } from '../parts/mark.tsx';
import { GitLabLink } from '../parts/outside-link.tsx';
import { Empty, Page, Section } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';

/** Why one key is as it is: the same as `signalbox explain`. */
export function KeyPage({ name }: { name: string }) {
  const { data, error, reload } = useResource<Explanation>(`/v1/explain?key=${encodeURIComponent(name)}`, {
    live: true,
  });
  const [asking, setAsking] = useState(false);
  const unknown = error instanceof Problem && error.status === 404;
  return (
    <Page
      title={name}
      purpose={
        <>
          Why it is as it is: what was found, what was decided, what was done, and when it is looked at next. The same
          as <code>signalbox explain</code>.
        </>
      }
      actions={
        mayAct.value &&
        !unknown && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            Look again
          </button>
        )
      }
    >
      <Trouble error={error} />
      {data && <Explained explanation={data} />}
      {asking && (
        <Confirm
          title="Look again?"
          action="Look again"
          perform={() => send('POST', `/v1/work/${encodeURIComponent(name)}/replay`).then(reload)}
          close={() => setAsking(false)}
        >
          It is safe at any time: the truth is read anew, and only what is missing is done.
        </Confirm>
      )}
    </Page>
  );
}

function Explained({ explanation }: { explanation: Explanation }) {
  const { key, automation, decision, effects, next, facts, journal } = explanation;
  return (
    <>
      <Section title="Decision" note={automation ?? undefined}>
        {decision ? (
          <div class="panel padded stack tight">
            <p class="verdict">
              <Mark tone={verdictTone(decision.verdict)}>{decision.verdict.slice(0, 400)}</Mark>
            </p>
            <ul class="because">
              {decision.because.map(reason => (
                <li key={reason}>
                  <Foreign text={reason} />
                </li>
              ))}
            </ul>
            {decision.plan.length > 0 && (
              <div>
                <h3>Planned at the last look</h3>
                <ul class="because">
                  {decision.plan.map(action => (
                    <li key={action}>
                      <Foreign text={action} />
                    </li>
                  ))}
                </ul>
              </div>
            )}
            <p class="quiet small">
              so since <When at={decision.since} />, last looked at <When at={decision.decided_at} />
              {subject(key)}
            </p>
          </div>
        ) : (
          <Empty>Nothing has been decided about it yet.</Empty>
        )}
      </Section>
      <Section title="Next look">
        <div class="panel padded stack tight">
          <Next next={next} />
        </div>
      </Section>
      <Section title="Effects" note="what was changed outside, newest first">
        {effects.length === 0 ? (
          <Empty>Nothing outside was changed because of it.</Empty>
        ) : (
          <ul class="rows panel">
            {effects.map(effect => (
              <li key={effect.name}>
                <div>
                  <Mark tone={EFFECT[effect.state] ?? 'wait'}>{effect.state}</Mark>{' '}
                  <Foreign text={effect.summary} most={300} />
                </div>
                <div class="side">
                  <When at={effect.at} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Facts" note="everything that the decision was made from">
        <div class="panel padded">
          <JsonTree value={facts} />
        </div>
      </Section>
      <Section title="Journal" note={<a href={`/journal?key=${encodeURIComponent(key)}`}>all rows of this key</a>}>
        <ul class="rows panel">
          {journal.map(row => (
            <li key={row.seq}>
              <details class="wide">
                <summary>
                  <KindMark row={row} />{' '}
                  <span class="foreign">
                    <bdi>
                      <LineText line={row.line} />
                    </bdi>
                  </span>{' '}
                  <span class="quiet small">
                    <When at={row.at} /> · row {row.seq}
                  </span>
                </summary>
                <JsonTree value={row.data} />
              </details>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

const EFFECT: Record<string, Tone> = { done: 'go', failed: 'stop', doing: 'run' };

function Next({ next }: { next: Explanation['next'] }) {
  if (!next) return <p>At the next signal.</p>;
  return (
    <>
      <p>
        {next.laid_aside ? (
          <Mark tone="stop">laid aside: it needs a person, and “Look again” takes it up</Mark>
        ) : next.running ? (
          <Mark tone="run">it is being looked at now</Mark>
        ) : next.due_at ? (
          <>
            <Mark tone="wait">due</Mark> <When at={next.due_at} />
          </>
        ) : (
          <Mark tone="go">at the next signal</Mark>
        )}
      </p>
      {next.reasons.length > 0 && (
        <p class="quiet small">
          because: <Foreign text={next.reasons.join('; ')} most={300} />
        </p>
      )}
      {next.error !== null && (
        <div class="problem">
          After {next.attempts} failed {next.attempts === 1 ? 'look' : 'looks'}:{' '}
          <Foreign text={[next.error.code, next.error.detail].filter(Boolean).join(': ')} />
          {next.error.at !== undefined && (
            <>
              {', '}
              <When at={next.error.at} />
            </>
          )}
        </div>
      )}
    </>
  );
}

/** The thing in GitLab that the key is about. */
function subject(key: string) {
  const match = /^(?:merge-request|issue|race-issue):(.+[#!]\d+)$/.exec(key);
  if (!match) return null;
  return (
    <>
      {' · '}
      <GitLabLink reference={match[1]!} />
    </>
  );
}
