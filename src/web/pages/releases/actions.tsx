import { useState } from 'preact/hooks';
import { send } from '../../api/call.ts';
import type { Release } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';

interface ActionsProps {
  release: Release;
  environments: readonly string[];
  /** Those that offer it now. */
  offered: readonly string[];
  /** The release in the HTTP API. */
  path: string;
  done: () => void;
}

interface Act {
  name: 'promote' | 'rollback' | 'yank' | 'retry' | 'pin' | 'unpin';
  environment?: string;
  button: string;
  question: string;
  /** What follows from it. */
  means: string;
  why?: 'required' | 'optional';
  danger?: boolean;
}

/** What a person can do with a release; each asks first and says what follows. */
export function Actions({ release, environments, offered, path, done }: ActionsProps) {
  const [chosen, setChosen] = useState<Act | null>(null);
  const acts = actsFor(release, environments, offered);
  const perform = async (act: Act, why: string) => {
    const body = {
      ...(act.environment === undefined ? {} : { environment: act.environment }),
      ...(why === '' ? {} : { why }),
    };
    await send('POST', `${path}/${act.name}`, body);
    done();
  };
  return (
    <>
      {acts.map(act => (
        <button
          key={act.button}
          type="button"
          class={act.danger ? 'button danger' : 'button'}
          onClick={() => setChosen(act)}
        >
          {act.button}
        </button>
      ))}
      {chosen && (
        <Confirm
          title={chosen.question}
          action={chosen.button}
          {...(chosen.danger ? { danger: true } : {})}
          {...(chosen.why ? { why: chosen.why } : {})}
          perform={why => perform(chosen, why)}
          close={() => setChosen(null)}
        >
          {chosen.means}
        </Confirm>
      )}
    </>
  );
}

/** Only what the service would take; it checks all of it again. */
function actsFor(release: Release, environments: readonly string[], offered: readonly string[]): Act[] {
  const { version, runs, yanked, pinned, state } = release;
  const reached = new Set(runs.filter(run => run.state === 'released').map(run => run.environment));
  const open = runs.some(run => run.state === 'queued' || run.state === 'running');
  const acts: Act[] = [];
  const next = environments.find(
    (each, index) => !reached.has(each) && (index === 0 || reached.has(environments[index - 1]!)),
  );
  if (!yanked && !open && next !== undefined && reached.size > 0) {
    acts.push({
      name: 'promote',
      environment: next,
      button: `Promote to ${next}`,
      question: `Promote ${version} to ${next}?`,
      means: `The same bytes, and the release script is run for ${next}. When it has ended well, ${next} offers this version if it is newer than what is there.`,
      why: 'optional',
    });
  }
  if (!yanked && !open && ['failed', 'timed_out', 'interrupted'].includes(state)) {
    acts.push({
      name: 'retry',
      button: 'Retry',
      question: `Run the script of ${version} again?`,
      means: 'The last run is repeated with the same bytes and the same environment.',
      why: 'optional',
    });
  }
  if (!yanked && !open) {
    for (const environment of [...reached].filter(each => !offered.includes(each))) {
      acts.push({
        name: 'rollback',
        environment,
        button: `Roll ${environment} back to it`,
        question: `Roll ${environment} back to ${version}?`,
        means: `The release script is run for ${environment} again, and then ${environment} offers ${version}, although there are newer ones. Devices that have updated already stay as they are.`,
        why: 'optional',
        danger: true,
      });
    }
  }
  acts.push(
    pinned
      ? {
          name: 'unpin',
          button: 'Unpin',
          question: `Unpin ${version}?`,
          means: 'Retention may remove it when it is old and not on offer.',
        }
      : {
          name: 'pin',
          button: 'Pin',
          question: `Pin ${version}?`,
          means: 'Its bytes are kept whatever its age.',
        },
  );
  if (!yanked) {
    acts.push({
      name: 'yank',
      button: 'Withdraw',
      question: `Withdraw ${version}?`,
      means:
        'It is no longer offered anywhere; where it was, the release before it is. Its bytes stay, and this cannot be taken back.',
      why: 'required',
      danger: true,
    });
  }
  return acts;
}
