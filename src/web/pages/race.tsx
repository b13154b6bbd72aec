import { useResource } from '../api/resource.ts';
import type { Frame, RaceDetail, RaceReport } from '../api/types.ts';
import { Foreign } from '../parts/foreign.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Empty, Page, Section } from '../parts/page.tsx';
import { Scrollable } from '../parts/scrollable.tsx';
import { Spark } from '../parts/spark.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { IssueState } from './races.tsx';

/** One race: the two accesses that meet, and where it was seen. */
export function RacePage({ fingerprint }: { fingerprint: string }) {
  const { data, error } = useResource<RaceDetail>(`/v1/races/${encodeURIComponent(fingerprint)}`, { live: true });
  return (
    <Page
      title={data?.title ?? 'Race'}
      purpose={
        <>
          Two accesses to the same memory, at least one of them a write, with nothing that orders them.{' '}
          <a href="/races">All races</a>
        </>
      }
    >
      <Trouble error={error} />
      {data && <Detail race={data} />}
    </Page>
  );
}

function Detail({ race }: { race: RaceDetail }) {
  return (
    <>
      <div class="panel padded race-facts">
        <dl class="pairs">
          <dt>Issue</dt>
          <dd>
            <IssueState race={race} />
          </dd>
          <dt>Seen</dt>
          <dd>
            <strong>{race.count.toLocaleString('en')} times</strong>, first <When at={race.first_seen} />, last{' '}
            <When at={race.last_seen} />
          </dd>
          <dt>Report</dt>
          <dd>
            {race.detector}, {race.type}, {race.confidence}
          </dd>
          <dt>Why so</dt>
          <dd>
            <KeyLink name={race.key} />
          </dd>
        </dl>
        <Spark values={race.days} label={`${race.count} sightings in all`} width={224} height={44} />
      </div>
      <Section title="Reports" note="as the log has them, each pair of stacks once">
        {race.reports.map((report, index) => (
          <Report key={report.id} report={report} open={index === 0} />
        ))}
      </Section>
      <Section title="Where it was seen">
        <Scrollable class="panel" label="Boxes and builds">
          <table>
            <thead>
              <tr>
                <th scope="col">Box</th>
                <th scope="col">Build</th>
                <th scope="col" class="number">
                  Times
                </th>
                <th scope="col">First</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {race.seen.map(cell => (
                <tr key={`${cell.box} ${cell.build}`}>
                  <th scope="row" class="mono foreign">
                    {cell.box.slice(0, 80)}
                  </th>
                  <td class="mono foreign">{cell.build?.slice(0, 80) ?? '–'}</td>
                  <td class="number">{cell.count}</td>
                  <td>
                    <When at={cell.first_seen} />
                  </td>
                  <td>
                    <When at={cell.last_seen} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      </Section>
    </>
  );
}

function Report({ report, open }: { report: RaceReport; open: boolean }) {
  return (
    <details class="panel padded report" open={open}>
      <summary>
        <strong>{report.count.toLocaleString('en')} times</strong>
        <span class="quiet">
          {' '}
          · {report.confidence}
          {report.build && ` · ${report.build.slice(0, 60)}`}
        </span>
      </summary>
      {report.text === null ? (
        <Empty>Only counted: the texts of other reports of this race were kept.</Empty>
      ) : (
        <div class="stack tight">
          <div class="two">
            {report.accesses.slice(0, 2).map(access => (
              <div key={access.kind + access.actor} class="stack-side">
                <h3>
                  {access.previous ? 'Previous ' : ''}
                  {access.kind}
                  <span class="quiet"> by {access.actor?.slice(0, 60) ?? 'an unknown thread'}</span>
                </h3>
                {access.lost ? (
                  <p class="quiet">The runtime could not restore this stack.</p>
                ) : (
                  <Stack frames={access.stack} />
                )}
                {access.elided && <p class="quiet small">Somebody shortened this stack before it was read.</p>}
              </div>
            ))}
          </div>
          {report.creations.length > 0 && (
            <details>
              <summary>Where they were started ({report.creations.length})</summary>
              <div class="two">
                {report.creations.map(creation => (
                  <div key={creation.actor} class="stack-side">
                    <h3>{creation.actor.slice(0, 60)}</h3>
                    <Stack frames={creation.stack} />
                  </div>
                ))}
              </div>
            </details>
          )}
          <details>
            <summary>As in the log</summary>
            <pre class="log">
              <Foreign text={report.text} most={20_000} />
            </pre>
          </details>
        </div>
      )}
    </details>
  );
}

const SHOWN = 12;

function Stack({ frames }: { frames: Frame[] }) {
  return (
    <ol class="frames">
      {frames.slice(0, SHOWN).map((frame, index) => (
        <li key={`${index} ${frame.func}`}>
          <div class="mono foreign">
            <bdi>{frame.func.slice(0, 300)}</bdi>
          </div>
          {frame.file && (
            <div class="mono small quiet foreign">
              <bdi>
                {frame.file.slice(0, 300)}
                {frame.line === null ? '' : `:${frame.line}`}
              </bdi>
            </div>
          )}
        </li>
      ))}
      {frames.length > SHOWN && (
        <li class="quiet small">and {frames.length - SHOWN} further frames, in the log below</li>
      )}
    </ol>
  );
}
