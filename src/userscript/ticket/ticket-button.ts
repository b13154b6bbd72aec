import { askToEscalate } from '../dialog/ask-to-escalate.ts';
import { closeDialog } from '../dialog/dialog.ts';
import { tellAboutToken, tellFailure, tellTrouble, tellWarnings } from '../dialog/tell.ts';
import { ticketIdOf } from '../page/ticket-id.ts';
import type { Answer, Client } from '../service/client.ts';
import type { Escalation } from '../service/escalation.ts';
import type { Token } from '../service/token.ts';
import { createButton } from './button.ts';
import { decideView, type Situation, type View } from './decide-view.ts';
import { nextLook } from './next-look.ts';
import { createPlacing } from './place-button.ts';

/** The ticket that is open and what is known about it; a new one for each visit, so that late answers find nobody. */
interface Visit {
  ticket: number;
  situation: Situation;
  /** How often in a row the service was asked without anything new. */
  quiet: number;
  /** Questions are numbered, so that no answer replaces that to a later question. */
  asked: number;
  answered: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const UNKNOWN: Situation = { escalation: null, trouble: null, sending: false };

/** The button on the page of a ticket: `look` is called whenever the page may have changed. */
export function createTicketButton(client: Client, token: Token): { look(): void; refresh(): void; remove(): void } {
  const button = createButton({ main: press, warnings: () => tellWarnings(view().warnings) });
  const placing = createPlacing(button.host.node);
  let visit: Visit | undefined;

  function look(): void {
    const ticket = ticketIdOf(location.pathname);
    if (ticket !== visit?.ticket) {
      end();
      if (ticket !== null) begin(ticket);
    }
    if (visit) placing.place(Date.now());
  }

  function begin(ticket: number): void {
    visit = { ticket, situation: { ...UNKNOWN }, quiet: 0, asked: 0, answered: 0, timer: undefined };
    button.show(view());
    void ask(visit, client.ticket(ticket));
  }

  function end(): void {
    if (!visit) return;
    clearTimeout(visit.timer);
    visit = undefined;
    closeDialog();
    placing.remove();
  }

  function view(): View {
    return decideView(visit?.situation ?? UNKNOWN);
  }

  /** Waits for an answer and shows it; null when it concerns nobody any more. */
  async function ask(mine: Visit, question: Promise<Answer<Escalation>>): Promise<Answer<Escalation> | null> {
    mine.asked += 1;
    const number = mine.asked;
    const answer = await question;
    if (mine !== visit || number < mine.answered) return null;
    mine.answered = number;
    take(mine, answer);
    return answer;
  }

  function take(mine: Visit, answer: Answer<Escalation>): void {
    const before = JSON.stringify(mine.situation);
    mine.situation = { ...mine.situation, ...learned(answer) };
    mine.quiet = JSON.stringify(mine.situation) === before ? mine.quiet + 1 : 0;
    button.show(view());
    clearTimeout(mine.timer);
    mine.timer = setTimeout(refresh, nextLook(mine.situation, mine.quiet));
  }

  function learned(answer: Answer<Escalation>): Partial<Situation> {
    if (answer.kind === 'value') return { escalation: answer.value, trouble: null };
    if (answer.kind === 'token') return { escalation: null, trouble: 'token' };
    return { trouble: 'silent' };
  }

  /** Nobody sees a tab in the background: it is read again when it comes forward. */
  function refresh(): void {
    if (visit && !document.hidden) void ask(visit, client.ticket(visit.ticket));
  }

  function press(): void {
    look();
    const mine = visit;
    if (!mine) return;
    const { button: pressed, failure, warnings } = view();
    const { ticket } = mine;
    if (pressed?.press === 'token') tellAboutToken(token.isSet(), token.enter);
    if (pressed?.press === 'failure')
      tellFailure(failure, warnings, () => void send(mine, () => client.escalate(ticket, {})));
    if (pressed?.press === 'ask')
      askToEscalate(ticket, client.preview(ticket), {
        escalate: choice => void send(mine, () => client.escalate(ticket, choice)),
        link: issue => void send(mine, () => client.link(ticket, issue)),
      });
  }

  /** What changes something; only for the ticket that is open, and once at a time. */
  async function send(mine: Visit, what: () => Promise<Answer<Escalation>>): Promise<void> {
    if (mine !== visit || mine.situation.sending || mine.ticket !== ticketIdOf(location.pathname)) return;
    mine.situation = { ...mine.situation, sending: true };
    button.show(view());
    const sent = what().finally(() => {
      mine.situation = { ...mine.situation, sending: false };
    });
    const answer = await ask(mine, sent);
    if (answer === null || answer.kind === 'value') return;
    if (answer.kind === 'token') tellAboutToken(token.isSet(), token.enter);
    else tellTrouble(answer, client.url);
  }

  return { look, refresh, remove: end };
}
