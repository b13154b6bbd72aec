import { Problem } from '../api/call.ts';
import { Foreign } from './foreign.tsx';

/** What went wrong, and what to do about it. */
export function Trouble({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  if (!(error instanceof Problem)) {
    return (
      <div class="problem" role="alert">
        The service does not answer. It is tried again with the next thing that happens.
      </div>
    );
  }
  return (
    <div class="problem" role="alert">
      <strong>{error.message}</strong>
      {error.detail !== '' && (
        <p>
          <Foreign text={error.detail} />
        </p>
      )}
      {error.errors.length > 0 && (
        <ul>
          {error.errors.map(each => (
            <li key={each.at + each.message}>
              <code>{each.at}</code> <Foreign text={each.message} />
            </li>
          ))}
        </ul>
      )}
      {error.remedy !== '' && <p class="small">{error.remedy}</p>}
    </div>
  );
}
