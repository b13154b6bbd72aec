import { useResource } from '../api/resource.ts';
import type { Escalation } from '../api/types.ts';
import { Chart } from '../parts/chart.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { GitLabLink } from '../parts/outside-link.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { StateFilter, stateFilter } from '../parts/state-filter.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';

type State = 'running' | 'failed' | 'open' | 'fixed' | 'all';

interface Answer {
  escalations: Escalation[];
  total: number;
  fixes: { at: string; hours: number }[];
}

/** Which tickets have become issues, how far each is, and whom it concerns. */
export function EscalationsPage() {
  const filter = stateFilter<State>('all');
  const { state, text, query } = filter;
  const { data, error } = useResource<Answer>(`/v1/escalations?${query}`, { live: true });
  const escalations = data?.escalations ?? [];
  return (
    <Page
      title="Escalations"
      purpose="Support tickets that became issues: how far each is, whether everything came along, and whom it concerns."
    >
      {data && data.fixes.length > 1 && <TimeToFix fixes={data.fixes} />}
      <StateFilter
        filter={filter}
        usual="all"
        options={[
          ['all', 'All'],
          ['running', 'Under way'],
          ['failed', 'Failed'],
          ['open', 'Issue open'],
          ['fixed', 'Issue closed'],
        ]}
        search={['Ticket, customer or issue', '101']}
      />
      <Trouble error={error} />
      {data && escalations.length === 0 && (
        <Empty>
          {state === 'all' && text === ''
            ? 'No ticket has been escalated yet. The button in Freshdesk does it.'
            : 'None fits.'}
        </Empty>
      )}
      {escalations.length > 0 && (
        <ul class="rows panel">
          {escalations.map(each => (
            <Row key={each.key} escalation={each} />
          ))}
        </ul>
      )}
      {data && data.total > escalations.length && (
        <p class="quiet small">
          The newest {escalations.length} of {data.total}; search to find others.
        </p>
      )}
    </Page>
  );
}

const STATES: Record<Escalation['state'], [tone: Tone, name: string]> = {
  running: ['run', 'under way'],
  done: ['go', 'complete'],
  done_with_warnings: ['caution', 'done, not everything came along'],
  failed: ['stop', 'failed'],
};

function Row({ escalation }: { escalation: Escalation }) {
  const {
    key,
    ticket_id: ticket,
    state,
    issue,
    subject,
    requester,
    company,
    ticket_url: url,
    fixed_at: fixed,
  } = escalation;
  const [tone, name] = STATES[state];
  return (
    <li>
      <div class="row wrap">
        {url !== null && /^https?:/.test(url) ? (
          <a href={url} rel="noreferrer">
            Ticket {ticket}
            <span aria-hidden="true"> ↗</span>
          </a>
        ) : (
          <span>Ticket {ticket}</span>
        )}
        {issue && (
          <>
            <span aria-hidden="true">→</span>
            <GitLabLink reference={`${issue.project}#${issue.iid}`} />
            <span class="small quiet">{issue.state}</span>
          </>
        )}
        <Mark tone={tone}>{name}</Mark>
      </div>
      <div class="side">
        <When at={escalation.requested_at} /> by <bdi>{escalation.requested_by?.slice(0, 60)}</bdi>
      </div>
      <div class="wide because">
        {subject !== null && (
          <strong>
            <Foreign text={subject} most={200} />
          </strong>
        )}
        <span class="small quiet">
          {company !== null && <bdi class="foreign">{company.slice(0, 100)} · </bdi>}
          {requester !== null && <bdi class="foreign">{requester.slice(0, 100)} · </bdi>}
          {completeness(escalation)}
          {fixed !== null && (
            <>
              {' · issue closed '}
              <When at={fixed} />
            </>
          )}
          {' · '}
          <KeyLink name={key} />
        </span>
        <Progress escalation={escalation} />
        {escalation.also_affected.length > 0 && (
          <span class="small">
            Also affected:{' '}
            {escalation.also_affected.slice(0, 8).map((other, index) => (
              <span key={other.key}>
                {index > 0 && ', '}
                {other.company !== null && <bdi class="foreign">{other.company.slice(0, 60)} </bdi>}
                <KeyLink name={other.key} short />
              </span>
            ))}
            {escalation.also_affected.length > 8 && ` and ${escalation.also_affected.length - 8} more`}
          </span>
        )}
        {escalation.warnings.slice(0, 10).map(warning => (
          <Foreign key={warning} text={warning} most={300} />
        ))}
        {escalation.waiting !== null && (
          <span>
            Waits: <Foreign text={escalation.waiting} most={300} />
          </span>
        )}
        {escalation.error && (
          <div class="problem">
            <strong>{escalation.error.code}</strong> <Foreign text={escalation.error.detail} most={300} />
          </div>
        )}
      </div>
    </li>
  );
}

function completeness({ copied, warnings }: Escalation): string {
  if (!copied) return 'not counted yet';
  const { messages, files } = copied;
  const all = `${messages} ${messages === 1 ? 'message' : 'messages'}, ${files} ${files === 1 ? 'file' : 'files'}`;
  return warnings.length === 0 ? all : `${all}, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
}

function Progress({ escalation }: { escalation: Escalation }) {
  const { progress, state, ticket_id: ticket } = escalation;
  if (!progress || state !== 'running') return null;
  return (
    <span class="row">
      <progress max={Math.max(1, progress.total)} value={progress.done} aria-label={`Progress of ticket ${ticket}`} />
      <span class="small">
        {progress.step}, {progress.done} of {progress.total || '?'}
      </span>
    </span>
  );
}

function TimeToFix({ fixes }: { fixes: Answer['fixes'] }) {
  const ordered = fixes.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const middle = ordered.map(each => each.hours).toSorted((a, b) => a - b)[Math.floor(ordered.length / 2)] ?? 0;
  return (
    <Chart
      title="From escalation to fix, in days"
      summary={`${ordered.length} fixed, half of them within ${middle < 48 ? `${middle} h` : `${Math.round(middle / 24)} days`}`}
      times={ordered.map(each => Date.parse(each.at) / 1000)}
      series={[{ label: 'days', values: ordered.map(each => Math.round(each.hours / 2.4) / 10) }]}
      as="lines"
      unit="days"
      height={140}
    />
  );
}
