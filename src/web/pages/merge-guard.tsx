import type { MergeRequest } from '../api/types.ts';
import { Foreign } from '../parts/foreign.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark, verdictTone } from '../parts/mark.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { Scrollable } from '../parts/scrollable.tsx';
import { StateFilter, stateFilter } from '../parts/state-filter.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { usePages } from '../parts/use-pages.ts';
import { When } from '../parts/when.tsx';

type State = 'open' | 'waived' | 'unknown' | 'ok' | 'all';

interface Answer {
  merge_requests: MergeRequest[];
  next: string | null;
  counts: { open: number; waived: number; unknown: number };
}

/** Which merge requests would carry one line's commits into another. */
export function MergeGuardPage() {
  const filter = stateFilter<State>('open');
  const { state, query } = filter;
  const { items, error, loading, more, first } = usePages<MergeRequest, Answer>(
    `/v1/merge-guard?${query}`,
    answer => answer.merge_requests,
    answer => answer.next && `/v1/merge-guard?${query}&after=${encodeURIComponent(answer.next)}`,
  );
  const counts = first?.counts;
  const label = (name: string, count: number | undefined) => (count === undefined ? name : `${name} (${count})`);
  return (
    <Page
      title="Merge guard"
      purpose="Merge requests between branches of different versions: what would be merged by accident, and why it is held up."
    >
      <StateFilter
        filter={filter}
        usual="open"
        options={[
          ['open', label('Mismatches', counts?.open)],
          ['waived', label('Waived', counts?.waived)],
          ['unknown', label('Cannot be judged', counts?.unknown)],
          ['ok', 'In order'],
          ['all', 'All'],
        ]}
        search={['Project or number', 'appliance!12']}
      />
      <Trouble error={error} />
      {items.length === 0 && !loading && (
        <Empty>{state === 'open' ? 'No merge request is aimed at the wrong line.' : 'There is none.'}</Empty>
      )}
      <div class="stack tight">
        {items.map(each => (
          <Request key={each.key} request={each} />
        ))}
      </div>
      {more && (
        <button type="button" class="button" onClick={more}>
          Show more
        </button>
      )}
    </Page>
  );
}

function Request({ request }: { request: MergeRequest }) {
  const { key, verdict, because, since, url, points, source_branch: from, target_branch: to, state, draft } = request;
  return (
    <article class="panel padded stack tight">
      <div class="section-head">
        <h2 class="foreign">
          <KeyLink name={key} short />
        </h2>
        <p>
          {draft ? 'draft, ' : ''}
          {state ?? ''} · so since <When at={since} />
          {url !== null && /^https?:/.test(url) && (
            <>
              {' · '}
              <a href={url} rel="noreferrer">
                in GitLab <span aria-hidden="true">↗</span>
              </a>
            </>
          )}
        </p>
      </div>
      <p>
        <Mark tone={verdictTone(verdict)}>{verdict.slice(0, 300)}</Mark>
      </p>
      {from !== null && to !== null && (
        <p class="mono foreign">
          <bdi>{from.slice(0, 200)}</bdi> <span aria-hidden="true">→</span>
          <span class="hidden-text">into</span> <bdi>{to.slice(0, 200)}</bdi>
        </p>
      )}
      <ul class="because">
        {because.map(reason => (
          <li key={reason}>
            <Foreign text={reason} />
          </li>
        ))}
      </ul>
      {points.length > 0 &&
        (verdict.startsWith('ok') ? (
          <details>
            <summary>The version at three points</summary>
            <Points points={points} />
          </details>
        ) : (
          <Points points={points} />
        ))}
    </article>
  );
}

const POINT = { source: 'Source', target: 'Target', base: 'Branched off at' };

function Points({ points }: { points: MergeRequest['points'] }) {
  return (
    <Scrollable label="The version at three points">
      <table>
        <thead>
          <tr>
            <th scope="col">Point</th>
            <th scope="col">Line</th>
            <th scope="col">Version</th>
            <th scope="col">Commit</th>
            <th scope="col">Read from</th>
          </tr>
        </thead>
        <tbody>
          {points.map(each => (
            <tr key={each.point}>
              <th scope="row">{POINT[each.point]}</th>
              {each.fault === null ? (
                <>
                  <td class="foreign">
                    <strong>{each.line?.slice(0, 40)}</strong>
                  </td>
                  <td class="mono foreign">{each.version?.slice(0, 100)}</td>
                </>
              ) : (
                <td colSpan={2}>
                  <Foreign text={each.fault} most={300} />
                </td>
              )}
              <td class="mono">{each.commit?.slice(0, 8) ?? '–'}</td>
              <td class="mono foreign">{each.place?.slice(0, 200) ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
