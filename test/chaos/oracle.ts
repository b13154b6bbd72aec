import { type Event, type History, isHeldUp } from './history.ts';

/** What there is in the end, by name; `any` in what is expected leaves it open. */
export type Outcome = Record<string, string | number>;

interface Mr {
  from: string;
  to: string;
  issue: number;
  draft: boolean;
  state: 'open' | 'closed' | 'merged';
}

/** What the world has to look like after a history, from the sentences of the docs; it shares nothing with the code. */
export function outcomeOf({ events, issues }: History): Outcome {
  return {
    ...mergeRequests(events, issues),
    ...releases(events),
    ...tickets(events),
    ...races(events),
    'library: tags': tagsOf(events.filter(event => event.do === 'push').length),
  };
}

function mergeRequests(events: readonly Event[], issues: number): Outcome {
  const all: Mr[] = [];
  for (const event of events) {
    if (event.do === 'open') all.push({ ...event, state: 'open' });
    const one = 'mr' in event ? all[event.mr] : undefined;
    if (!one) continue;
    if (event.do === 'retarget') one.to = event.to;
    if (event.do === 'ready') one.draft = false;
    if (event.do === 'close') one.state = 'closed';
    if (event.do === 'merge') one.state = 'merged';
    if (event.do === 'reopen') one.state = 'open';
  }
  const outcome: Outcome = {};
  for (const [mr, one] of all.entries()) {
    // What is closed is left as it is, however far the service had come.
    outcome[`merge request ${mr}: threads beyond the first`] = 0;
    outcome[`merge request ${mr}: threads that hold it up`] = one.state === 'open' ? Number(isHeldUp(one)) : 'any';
  }
  for (let issue = 0; issue < issues; issue++) {
    const speaking = all.filter(each => each.issue === issue);
    // What a person has put into Testing is theirs.
    const isTested = events.some(event => event.do === 'test' && event.issue === issue);
    outcome[`issue ${issue}: column`] = isTested ? 'Testing' : columnOf(speaking);
  }
  return outcome;
}

function columnOf(speaking: readonly Mr[]): string {
  const open = speaking.filter(each => each.state === 'open');
  if (open.some(each => !each.draft)) return 'In Review';
  if (open.length > 0) return 'In Development';
  return speaking.some(each => each.state === 'merged') ? 'To Test' : 'To Do';
}

function releases(events: readonly Event[]): Outcome {
  const outcome: Outcome = {};
  for (const event of events) {
    if (event.do === 'promote') {
      Object.assign(outcome, runOf(event.version, 'production'));
      // What is on offer only ever goes up.
      const channel = `channel ${event.line}/production`;
      if (patchOf(event.version) > patchOf(String(outcome[channel] ?? ''))) outcome[channel] = event.version;
    }
    if (event.do !== 'upload') continue;
    Object.assign(outcome, runOf(event.version, 'development'));
    outcome[`release ${event.version}: bytes`] = 'own';
    // The history uploads each line's versions in their order.
    if (outcome[`release ${event.version}: refused uploads`] === undefined) {
      outcome[`channel ${event.line}/development`] = event.version;
      outcome[`release ${event.version}: refused uploads`] = 0;
    }
    if (event.bytes === 'other') {
      const name = `release ${event.version}: refused uploads`;
      outcome[name] = Number(outcome[name]) + 1;
    }
  }
  return outcome;
}

/** What the service says of it, and what its script has done. */
const runOf = (version: string, environment: string): Outcome => ({
  [`release ${version}: released for ${environment}`]: 1,
  [`release ${version}: done by the script for ${environment}`]: 1,
});

const patchOf = (version: string): number => Number(version.split('.')[2] ?? -1);

function tickets(events: readonly Event[]): Outcome {
  const outcome: Outcome = {};
  for (const event of events) {
    if (event.do === 'mail') outcome[`ticket ${event.ticket}: messages`] += `,${event.message}`;
    if (event.do !== 'press') continue;
    outcome[`ticket ${event.ticket}: issues`] = 1;
    outcome[`ticket ${event.ticket}: messages`] ??= '1,2,3';
    outcome[`ticket ${event.ticket}: files`] = 1;
    outcome[`ticket ${event.ticket}: notes with the link`] = 1;
  }
  return outcome;
}

function races(events: readonly Event[]): Outcome {
  const outcome: Outcome = {};
  const known = new Set<string>();
  for (const event of events) {
    if (event.do !== 'report') continue;
    for (const { id, race } of event.reports) {
      if (known.has(`${event.box} ${id}`)) continue;
      known.add(`${event.box} ${id}`);
      outcome[`race ${race}: issues`] = 1;
      outcome[`race ${race}: seen`] = Number(outcome[`race ${race}: seen`] ?? 0) + 1;
    }
  }
  return outcome;
}

/** One for each push, after v1.4.2, without a gap. */
function tagsOf(pushes: number): string {
  return Array.from({ length: pushes }, (_, number) => `v1.4.${3 + number}=${number}`).join(' ');
}
