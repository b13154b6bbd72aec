import type { BoardIssue } from '../api/types.ts';
import { Foreign } from '../parts/foreign.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { GitLabLink } from '../parts/outside-link.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { StateFilter, stateFilter } from '../parts/state-filter.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { usePages } from '../parts/use-pages.ts';
import { When } from '../parts/when.tsx';

interface Answer {
  issues: BoardIssue[];
  next: string | null;
}

type State = 'moved' | 'stays' | 'all';

/** Which issues moved by themselves, which did not, and why. */
export function BoardPage() {
  const filter = stateFilter<State>('all');
  const { query } = filter;
  const { items, error, loading, more } = usePages<BoardIssue, Answer>(
    `/v1/board?${query}`,
    answer => answer.issues,
    answer => answer.next && `/v1/board?${query}&after=${encodeURIComponent(answer.next)}`,
  );
  return (
    <Page
      title="Board"
      purpose="Issues move with the merge requests that mention them. Here is which ones moved, which were left alone, and why."
    >
      <StateFilter
        filter={filter}
        usual="all"
        options={[
          ['all', 'All'],
          ['moved', 'Where they should be'],
          ['stays', 'Left alone'],
        ]}
        search={['Project or number', 'appliance#3']}
      />
      <Trouble error={error} />
      {items.length === 0 && !loading && <Empty>No issue has been mentioned in a merge request yet.</Empty>}
      {items.length > 0 && (
        <ul class="rows panel">
          {items.map(issue => (
            <Issue key={issue.key} issue={issue} />
          ))}
        </ul>
      )}
      {more && (
        <button type="button" class="button" onClick={more}>
          Show more
        </button>
      )}
    </Page>
  );
}

function Issue({ issue }: { issue: BoardIssue }) {
  const { key, verdict, because, since, merge_requests: linked, last_move: move } = issue;
  return (
    <li>
      <div class="row wrap">
        <KeyLink name={key} short />
        <Mark tone={toneOf(verdict)}>{verdict.slice(0, 300)}</Mark>
      </div>
      <div class="side">
        since <When at={since} />
      </div>
      <div class="wide because">
        {because.map(reason => (
          <Foreign key={reason} text={reason} most={300} />
        ))}
        {move && (
          <span class="small quiet">
            Last move: <bdi>{move.summary.slice(0, 300)}</bdi>, <When at={move.at} />
          </span>
        )}
        {linked.length > 0 && (
          <span class="small quiet row wrap">
            {linked.slice(0, 8).map(each => (
              <span key={each.name}>
                <GitLabLink reference={each.name} /> {each.state.slice(0, 20)}
              </span>
            ))}
            {linked.length > 8 && <span>and {linked.length - 8} more</span>}
          </span>
        )}
      </div>
    </li>
  );
}

function toneOf(verdict: string): Tone {
  if (verdict.startsWith('stays: there is no label')) return 'stop';
  if (/^(stays|not there)/.test(verdict)) return 'wait';
  return verdict.startsWith('moves') || verdict.startsWith('goes') ? 'run' : 'go';
}
