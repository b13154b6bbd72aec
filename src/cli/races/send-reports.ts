import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RaceSighting } from '../../automations/races/sighting.ts';
import { SignalboxError } from '../../errors.ts';
import { type Answer, postJson } from './post-json.ts';

/** The service a box reports to, and as whom. */
export interface Receiver {
  /** The service's address, as in `service.public_url`. */
  service: string;
  token: string;
  /** What the box is called there; null leaves it to the token to say. */
  source: string | null;
  host: string;
  /** Tells these logs from equal ones elsewhere, where paths do not: a pipeline's. Null for the logs of a machine. */
  run: string | null;
  /** How long a service that is away or busy is waited for, in milliseconds. */
  patience: number;
}

/** One report as `POST /v1/races` takes it. */
export interface Report {
  /** The same for the same report, however often it is sent. */
  id: string;
  text: string;
  count: number;
  first_seen: string;
  last_seen: string;
  /** The log it stood in, and where, in bytes of its text. */
  log: string;
  offset: number;
  /** What the log showed: a report is sent as it was understood, without what tore it apart. */
  confidence: string;
  build?: string;
}

/** A box is alive. Without a start it is not known for how long its build has been tested. */
export interface Heartbeat {
  build?: string;
  /** Was the build made with the race detector? */
  race?: boolean;
  started_at?: string;
}

/** What the service has acknowledged, and what it made of it. */
export interface Sent {
  /** Reports it answered for; nothing of them has to be sent again. */
  reports: number;
  requests: number;
  /** Those it counted, those it had counted before, and those in which it found no race. */
  accepted: number;
  known: number;
  refused: number;
  /** The races it counted, as it knows them; `new` ones it had not seen before. */
  races: { fingerprint: string; title: string; new: boolean }[];
}

/** Collects reports and sends them in batches; what has been sent was acknowledged. */
export interface Sender {
  add(sighting: RaceSighting, build: string | null): void;
  /** Nothing waits. */
  idle(): boolean;
  /** So much waits that it should be sent. */
  full(): boolean;
  /** Sends what waits. Throws SignalboxError SBX_RACES_NOT_SENT. */
  flush(): Promise<void>;
  heartbeat(heartbeat: Heartbeat): Promise<void>;
  readonly sent: Sent;
}

const MOST_REPORTS = 200;
const MOST_TEXT = 1024 * 1024;
/** The end of a longer path says more than its beginning. */
const LONGEST_NAME = 300;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export function createSender(receiver: Receiver): Sender {
  const sent: Sent = { reports: 0, requests: 0, accepted: 0, known: 0, refused: 0, races: [] };
  let waiting: Report[] = [];
  let length = 0;

  /** A batch that is too large for what stands between here and the service goes in halves. */
  async function sendAll(reports: readonly Report[]): Promise<void> {
    const answer = await send(receiver, { reports });
    sent.requests++;
    if (answer.status === 413 && reports.length > 1) {
      const half = Math.ceil(reports.length / 2);
      await sendAll(reports.slice(0, half));
      await sendAll(reports.slice(half));
      return;
    }
    if (answer.status >= 300) throw refused(receiver, answer);
    sent.reports += reports.length;
    addReceipt(sent, answer.text);
  }

  return {
    sent,
    add(sighting, build) {
      const { id, text, seenAt, file, offset, confidence } = sighting;
      const report: Report = {
        id: idFrom(receiver, id),
        text,
        count: 1,
        first_seen: seenAt,
        last_seen: seenAt,
        log: file.slice(-LONGEST_NAME),
        offset,
        confidence,
      };
      waiting.push(build === null ? report : { ...report, build });
      length += text.length;
    },
    idle: () => waiting.length === 0,
    full: () => waiting.length >= MOST_REPORTS || length >= MOST_TEXT,
    async flush() {
      if (waiting.length === 0) return;
      const batch = waiting;
      waiting = [];
      length = 0;
      await sendAll(batch);
    },
    async heartbeat(heartbeat) {
      const answer = await send(receiver, { reports: [], heartbeat });
      sent.requests++;
      if (answer.status >= 300) throw refused(receiver, answer);
    },
  };
}

/** Boxes that share a token may have the same log at the same place, and so have the jobs of two pipelines. */
function idFrom({ host, run }: Receiver, id: string): string {
  const parts = run === null ? [host, id] : [host, id, run];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

/** Takes over what the service says about a batch; an answer that says nothing is as good an acknowledgement. */
function addReceipt(sent: Sent, text: string): void {
  let receipt: { [Key in keyof Sent]?: unknown };
  try {
    receipt = JSON.parse(text) as typeof receipt;
  } catch {
    return;
  }
  const { accepted, known, refused, races } = receipt;
  if (typeof accepted === 'number') sent.accepted += accepted;
  if (typeof known === 'number') sent.known += known;
  if (Array.isArray(refused)) sent.refused += refused.length;
  if (!Array.isArray(races)) return;
  for (const race of races as Sent['races']) {
    const before = sent.races.find(({ fingerprint }) => fingerprint === race.fingerprint);
    if (before === undefined) sent.races.push(race);
    else before.new ||= race.new;
  }
}

/** Sends until there is an answer that means something; busy and broken services are asked again, later and later. */
async function send(receiver: Receiver, body: object): Promise<Answer> {
  const url = new URL(`${receiver.service.replace(/\/+$/, '')}/v1/races`);
  const { source, host } = receiver;
  const named = { ...(source === null ? {} : { source }), host, ...body };
  const headers = { authorization: `Bearer ${receiver.token}` };
  const until = Date.now() + receiver.patience;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const answer = await postJson(url, headers, named).catch((error: unknown) => error);
    const isAnswer = typeof answer === 'object' && answer !== null && 'status' in answer;
    if (isAnswer && !passes((answer as Answer).status)) return answer as Answer;
    if (!isAnswer && !mayPass(answer)) throw lost(receiver, answer);
    // Every report has its id: one that arrived though its answer was lost is not counted again.
    const asked = isAnswer ? (answer as Answer).retryAfter : null;
    const pause = asked ?? wait * (0.5 + Math.random() / 2);
    if (Date.now() + pause >= until) throw isAnswer ? refused(receiver, answer as Answer) : lost(receiver, answer);
    await sleep(pause);
  }
}

/** A certificate that is not trusted, or no TLS at all, is still so in a minute. */
function mayPass(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !/CERT|SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|ERR_INVALID/.test(code);
}

const passes = (status: number): boolean => status === 429 || status === 408 || status >= 500;

function refused({ service }: Receiver, { status, text }: Answer): SignalboxError {
  return new SignalboxError('SBX_RACES_NOT_SENT', `${service} answered ${status}: ${reasonIn(text)}`);
}

function lost({ service }: Receiver, error: unknown): SignalboxError {
  const { code, message } = error as { code?: string; message?: string };
  return new SignalboxError('SBX_RACES_NOT_SENT', `${service}: ${code ?? message ?? 'no answer'}`, { cause: error });
}

/** What a problem+json says, or the first words of whatever else came. */
function reasonIn(text: string): string {
  try {
    const { code, title, detail } = JSON.parse(text) as Record<string, unknown>;
    const words = [code, title, detail].filter(word => typeof word === 'string');
    if (words.length > 0) return words.join(': ');
  } catch {
    // A proxy answers in HTML.
  }
  return (
    text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 200) || 'nothing'
  );
}
