import type { Automation, Look } from '../../engine/automation.ts';
import { isPassing, SignalboxError } from '../../errors.ts';
import type { EscalationContext } from './context.ts';
import { decide, type EscalationAction } from './decide.ts';
import { parseTicketId } from './documents.ts';
import type { EscalationFacts } from './facts.ts';
import { gather } from './gather.ts';
import { toEffect } from './perform.ts';

/** The reconciler of `ticket:<domain>/<id>`. */
export function escalation(context: EscalationContext): Automation<EscalationFacts, EscalationAction, null> {
  const { settings } = context;
  return {
    name: 'escalation',
    kind: 'ticket',
    // Downloads wait for their turn to be uploaded: so many more are under way.
    atOnce: settings.files_at_once * 2,
    gather: look => noting(look, context, () => gather(look, context)),
    decide,
    effect: (action, facts, look) => {
      const effect = toEffect(action, facts, look, context);
      return { ...effect, do: () => noting(look, context, effect.do) };
    },
  };
}

/** Notes for people what stopped a look: the engine tries again, but whoever presses the button wants to know why they wait. */
async function noting<T>(look: Look, { store }: EscalationContext, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const id = parseTicketId(look.subject);
    if (id !== null && !look.signal.aborted) {
      const fault =
        error instanceof SignalboxError
          ? { code: error.code, detail: error.detail }
          : { code: 'SBX_INTERNAL', detail: 'something went wrong inside signalbox' };
      await store.change(id.domain, id.ticket, current => {
        if (isPassing(error)) return { trouble: fault };
        return current.finishedAt === null ? { state: 'failed', error: fault, trouble: null } : null;
      });
    }
    throw error;
  }
}
