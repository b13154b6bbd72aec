import { pick, type Random, seeded } from '../e2e/board-relay.ts';

/** Release lines, oldest first, and the branch of each. */
export const LINES = ['5.3', '5.4', '5.5'];
export const BRANCH: Record<string, string> = { '5.3': 'release/5.3', '5.4': 'release/5.4', '5.5': 'main' };
/** So many messages a ticket has from its beginning. */
export const OWN_MESSAGES = 3;
export const BOXES = ['box-1', 'box-2'];

export interface Report {
  id: string;
  race: number;
}

/** What people, build servers and soak boxes do. Everything is numbered within the history. */
export type Event =
  | { do: 'open'; mr: number; from: string; to: string; issue: number; draft: boolean }
  | { do: 'retarget'; mr: number; to: string }
  | { do: 'ready' | 'merge' | 'close' | 'reopen'; mr: number }
  | { do: 'test'; issue: number }
  | { do: 'upload'; version: string; line: string; bytes: 'own' | 'other' }
  | { do: 'promote'; version: string; line: string }
  | { do: 'press'; ticket: number; times: number; follow: boolean }
  | { do: 'mail'; ticket: number; message: number }
  | { do: 'report'; box: string; reports: Report[] }
  | { do: 'push'; number: number };

export interface History {
  issues: number;
  tickets: number;
  races: number;
  events: Event[];
}

interface Sketch {
  from: string;
  to: string;
  draft: boolean;
  state: 'open' | 'closed' | 'merged';
  /** It has been held up once: whether its thread is resolved by now depends on the service, and so does a merge. */
  wasHeldUp: boolean;
}

const KINDS = [
  'mr',
  'mr',
  'mr',
  'mr',
  'open',
  'open',
  'test',
  'upload',
  'upload',
  'promote',
  'press',
  'mail',
  'report',
  'report',
  'push',
] as const;

/** A history in which each event can happen, the same for the same seed. */
export function drawHistory(seed: number, count: number): History {
  const random = seeded(seed);
  const size = (share: number) => Math.max(2, Math.ceil(count / share));
  const history: History = { issues: size(16), tickets: size(20), races: size(24), events: [] };
  const mrs: Sketch[] = [];
  const uploaded: { version: string; line: string }[] = [];
  const tested = new Set<number>();
  const mails = new Map<number, number>();
  const sent = new Map<string, Report[]>(BOXES.map(box => [box, []]));
  let pushes = 0;
  while (history.events.length < count) {
    const kind = pick(random, KINDS);
    const event = drawEvent(kind);
    if (event !== null) history.events.push(event);
  }
  return history;

  function drawEvent(kind: (typeof KINDS)[number]): Event | null {
    switch (kind) {
      case 'open':
        return drawOpening(random, mrs, history.issues);
      case 'mr':
        return drawChange(random, mrs);
      case 'test':
        return drawTest(random, tested, history.issues);
      case 'upload':
        return drawUpload(random, uploaded);
      case 'promote':
        return uploaded.length === 0 ? null : { do: kind, ...pick(random, uploaded) };
      case 'press': {
        const ticket = Math.floor(random() * history.tickets);
        const follow = isFollowed(ticket);
        if (follow && !mails.has(ticket)) mails.set(ticket, 0);
        return { do: kind, ticket, times: random() < 0.4 ? 2 : 1, follow };
      }
      case 'mail':
        return drawMail(random, mails);
      case 'report':
        return drawReports(random, sent, history.races);
      case 'push':
        return { do: kind, number: pushes++ };
    }
  }
}

export function isHeldUp({ from, to }: { from: string; to: string }): boolean {
  return LINES.indexOf(from) > LINES.indexOf(to);
}

function drawOpening(random: Random, mrs: Sketch[], issues: number): Event {
  const from = pick(random, LINES);
  const to = random() < 0.5 ? from : pick(random, LINES.slice(0, LINES.indexOf(from) + 1));
  const draft = random() < 0.25;
  mrs.push({ from, to, draft, state: 'open', wasHeldUp: isHeldUp({ from, to }) });
  return { do: 'open', mr: mrs.length - 1, from, to, draft, issue: Math.floor(random() * issues) };
}

function drawChange(random: Random, mrs: Sketch[]): Event | null {
  const mr = Math.floor(random() * mrs.length);
  const one = mrs[mr];
  if (!one || one.state === 'merged') return null;
  if (one.state === 'closed') {
    one.state = 'open';
    return { do: 'reopen', mr };
  }
  const what = pick(random, ['retarget', 'ready', 'merge', 'merge', 'close'] as const);
  if (what === 'retarget') {
    const to = pick(random, LINES.slice(0, LINES.indexOf(one.from) + 1));
    if (to === one.to) return null;
    one.to = to;
    one.wasHeldUp ||= isHeldUp(one);
    return { do: what, mr, to };
  }
  if (what === 'ready' && !one.draft) return null;
  if (what === 'merge' && (one.draft || one.wasHeldUp)) return null;
  if (what === 'ready') one.draft = false;
  if (what === 'merge') one.state = 'merged';
  if (what === 'close') one.state = 'closed';
  return { do: what, mr };
}

/** A tester takes an issue, wherever it is; only so many, so that most stay with their merge requests. */
function drawTest(random: Random, tested: Set<number>, issues: number): Event | null {
  const issue = Math.floor(random() * issues);
  if (tested.has(issue) || tested.size >= issues / 4) return null;
  tested.add(issue);
  return { do: 'test', issue };
}

/** Every second ticket: later messages go into its issue, too. */
const isFollowed = (ticket: number): boolean => ticket % 2 === 0;
const MOST_MAILS = 6;

/** A customer writes once more, on a ticket that somebody has escalated. */
function drawMail(random: Random, mails: Map<number, number>): Event | null {
  const open = [...mails].filter(([, count]) => count < MOST_MAILS);
  if (open.length === 0) return null;
  const [ticket, count] = pick(random, open);
  mails.set(ticket, count + 1);
  return { do: 'mail', ticket, message: OWN_MESSAGES + count + 1 };
}

/** A new version, or an old one again: with the same bytes, or with others. */
function drawUpload(random: Random, uploaded: { version: string; line: string }[]): Event {
  if (uploaded.length > 0 && random() < 0.4) {
    return { do: 'upload', ...pick(random, uploaded), bytes: random() < 0.5 ? 'own' : 'other' };
  }
  const line = pick(random, LINES);
  const version = `${line}.${10 + uploaded.length}`;
  uploaded.push({ version, line });
  return { do: 'upload', version, line, bytes: 'own' };
}

/** A piece of a log: some that the box has sent before, and some that are new. */
function drawReports(random: Random, sent: ReadonlyMap<string, Report[]>, races: number): Event {
  const box = pick(random, BOXES);
  const before = sent.get(box) ?? [];
  const again = before.slice(before.length - Math.floor(random() * 4));
  const fresh: Report[] = [];
  for (let n = Math.floor(random() * 3) + (again.length === 0 ? 1 : 0); n > 0; n--) {
    const report = { id: `${before.length}`, race: Math.floor(random() * races) };
    before.push(report);
    fresh.push(report);
  }
  return { do: 'report', box, reports: [...again, ...fresh] };
}
