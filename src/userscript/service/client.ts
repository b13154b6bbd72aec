import type { Manager, NoAnswer } from '../manager/manager.ts';
import type { Escalation, Preview } from './escalation.ts';
import { readEscalation, readEscalations, readPreview, readProblem } from './read-answer.ts';

/** What became of a question. `token`: the service does not know who asks. `refused`: it says why not. */
export type Answer<Value> =
  | { kind: 'value'; value: Value }
  | { kind: 'token' }
  | { kind: 'silent'; because: NoAnswer | 'broken' }
  | { kind: 'refused'; title: string; detail: string; remedy: string };

/** What the agent chose; what is left out is as the service is configured. */
export interface Choice {
  follow?: true;
}

export interface Client {
  url: string;
  ticket(id: number): Promise<Answer<Escalation>>;
  tickets(ids: readonly number[]): Promise<Answer<Escalation[]>>;
  preview(id: number): Promise<Answer<Preview>>;
  escalate(id: number, choice: Choice): Promise<Answer<Escalation>>;
  /** Joins the ticket to an issue that is there already: its address, or `group/project#3`. */
  link(id: number, issue: string): Promise<Answer<Escalation>>;
}

const QUICK = 10_000;
/** A preview reads the whole ticket first. */
const PATIENT = 60_000;

/** Speaks to the service in the name of the agent whose token is kept. */
export function createClient(manager: Manager, url: string, token: () => Promise<string>): Client {
  async function ask<Value>(
    path: string,
    read: (body: unknown) => Value | null,
    send?: object,
    timeout = QUICK,
  ): Promise<Answer<Value>> {
    const secret = await token();
    if (secret === '') return { kind: 'token' };
    const answer = await manager.request({
      method: send === undefined ? 'GET' : 'POST',
      url: `${url}${path}`,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${secret}`,
        ...(send === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(send === undefined ? {} : { body: JSON.stringify(send) }),
      timeout,
    });
    if (typeof answer === 'string') return { kind: 'silent', because: answer };
    if (answer.status === 401) return { kind: 'token' };
    const body = parse(answer.text);
    const value = answer.status >= 200 && answer.status < 300 ? read(body) : null;
    if (value !== null) return { kind: 'value', value };
    const problem = readProblem(body);
    // A proxy on the way answers with pages of its own.
    return problem.title === '' ? { kind: 'silent', because: 'broken' } : { kind: 'refused', ...problem };
  }

  return {
    url,
    ticket: id => ask(`/v1/tickets/${id}`, readEscalation),
    tickets: ids => ask(`/v1/tickets?ids=${ids.join(',')}`, readEscalations),
    preview: id => ask('/v1/escalations/preview', readPreview, { ticket_id: id }, PATIENT),
    escalate: (id, choice) => ask('/v1/escalations', readEscalation, { ticket_id: id, ...choice }),
    link: (id, issue) => ask(`/v1/escalations/${id}/link`, readEscalation, { issue }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
