import { useState } from 'preact/hooks';
import { overview } from '../api/overview.ts';
import { useResource } from '../api/resource.ts';
import { mayAct } from '../api/session.ts';
import type { Channel, Release, Run } from '../api/types.ts';
import { Foreign } from '../parts/foreign.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark, releaseTone } from '../parts/mark.tsx';
import { Empty, Page, Section } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { duration, When } from '../parts/when.tsx';
import { Actions } from './releases/actions.tsx';
import { RunLog } from './releases/run-log.tsx';

/** One release: what it is, where it got to, and what its scripts said. */
export function ReleasePage({ product, version }: { product: string; version: string }) {
  const path = `/v1/releases/${encodeURIComponent(product)}/${encodeURIComponent(version)}`;
  const { data, error, reload } = useResource<Release>(path, { live: true });
  const { data: channels } = useResource<{ channels: Channel[] }>(
    `/v1/channels?product=${encodeURIComponent(product)}`,
    {
      live: true,
    },
  );
  const offered = (channels?.channels ?? []).filter(channel => channel.head === version);
  const environments = overview.value?.products.find(each => each.name === product)?.environments ?? [];
  return (
    <Page
      title={`${product} ${version}`}
      purpose={
        <>
          What was received, where it is on offer, and each run of its release script.{' '}
          <a href="/releases">All releases</a>
        </>
      }
      actions={
        data &&
        mayAct.value && (
          <Actions
            release={data}
            environments={environments}
            offered={offered.map(channel => channel.environment)}
            path={path}
            done={reload}
          />
        )
      }
    >
      <Trouble error={error} />
      {data && (
        <>
          <Facts release={data} offered={offered.map(channel => `${channel.line}/${channel.environment}`)} />
          <Runs release={data} path={path} />
        </>
      )}
    </Page>
  );
}

/** Metadata that has a place of its own. */
const TOLD = ['version', 'line', 'environment'];

function Facts({ release, offered }: { release: Release; offered: readonly string[] }) {
  const { state, yanked, pinned, line, size, sha256, md5, metadata, credential, received_at: receivedAt } = release;
  return (
    <div class="panel padded stack tight">
      {yanked && (
        <div class="notice tone-caution">
          <Mark tone="caution">Withdrawn</Mark> by <Foreign text={yanked.by} most={60} />, <When at={yanked.at} />:{' '}
          <Foreign text={yanked.reason} most={300} />
        </div>
      )}
      <dl class="pairs">
        <dt>State</dt>
        <dd>
          <Mark tone={releaseTone(state)}>{state.replace('_', ' ')}</Mark>
          {pinned && ', pinned: kept whatever its age'}
        </dd>
        <dt>On offer</dt>
        <dd>{offered.length > 0 ? offered.join(', ') : <span class="quiet">nowhere</span>}</dd>
        <dt>Line</dt>
        <dd>{line}</dd>
        <dt>Received</dt>
        <dd>
          <When at={receivedAt} /> from <Foreign text={credential} most={60} />
        </dd>
        <dt>Size</dt>
        <dd class="number">{sizeOf(size)}</dd>
        <dt>SHA-256</dt>
        <dd class="mono foreign">{sha256}</dd>
        <dt>MD5</dt>
        <dd class="mono foreign">{md5}</dd>
        {Object.entries(metadata)
          .filter(([field]) => !TOLD.includes(field))
          .map(([field, value]) => (
            <Field key={field} field={field} value={value} />
          ))}
        <dt>Why so</dt>
        <dd>
          <KeyLink name={`release:${release.product}/${release.version}`} />
        </dd>
      </dl>
    </div>
  );
}

function Field({ field, value }: { field: string; value: string }) {
  return (
    <>
      <dt class="foreign">{field}</dt>
      <dd class="foreign">
        <Foreign text={value} />
      </dd>
    </>
  );
}

function Runs({ release, path }: { release: Release; path: string }) {
  const runs = release.runs.toReversed();
  const [open, setOpen] = useState<number | null>(null);
  // The run that is under way is what one came for; else the newest.
  const shown = open ?? (runs.find(run => run.state === 'running') ?? runs[0])?.attempt ?? null;
  return (
    <Section title="Runs of the release script" note="newest first">
      {runs.length === 0 && <Empty>It has not been run yet.</Empty>}
      <div class="stack tight">
        {runs.map(run => (
          <article key={run.attempt} class="panel padded stack tight">
            <RunHead run={run} />
            {run.log !== null &&
              (shown === run.attempt ? (
                <RunLog key={`${run.attempt} ${run.started_at}`} path={`${path}/log?attempt=${run.attempt}`} />
              ) : (
                <div>
                  <button type="button" class="button plain" onClick={() => setOpen(run.attempt)}>
                    Show its log
                  </button>
                </div>
              ))}
          </article>
        ))}
      </div>
    </Section>
  );
}

function RunHead({ run }: { run: Run }) {
  const end = run.exit === null ? (run.signal ?? '') : `exit ${run.exit}`;
  const took = run.started_at && run.ended_at ? duration(Date.parse(run.ended_at) - Date.parse(run.started_at)) : null;
  return (
    <div>
      <div class="row wrap">
        <h3>
          Attempt {run.attempt} in {run.environment}
        </h3>
        <Mark tone={releaseTone(run.state)}>{run.state.replace('_', ' ')}</Mark>
        <span class="small quiet">
          {[end, took].filter(Boolean).join(', ')} · <When at={run.ended_at ?? run.started_at ?? run.queued_at} />
        </span>
      </div>
      <p class="small quiet foreign">
        {run.how.replace('-', ' ')} by <Foreign text={run.by} most={60} />
        {run.why && (
          <>
            : <Foreign text={run.why} most={300} />
          </>
        )}
        {run.head && (
          <>
            {' · '}
            <Foreign text={run.head.because} most={300} />
          </>
        )}
      </p>
    </div>
  );
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const steps = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let step = 0;
  while (value >= 1024 && step < steps.length - 1) {
    value /= 1024;
    step++;
  }
  return `${value.toFixed(1)} ${steps[step]} (${bytes.toLocaleString('en')} bytes)`;
}
