import type { Effect, Look } from '../../engine/automation.ts';
import type { Json } from '../../engine/json.ts';
import type { EscalationContext } from './context.ts';
import type { EscalationAction } from './decide.ts';
import { parseTicketId } from './documents.ts';
import type { EscalationFacts } from './facts.ts';
import { comment } from './perform-comment.ts';
import { create } from './perform-create.ts';
import { copyTicketFile } from './perform-file.ts';
import { describe, finish } from './perform-finish.ts';
import { mark, putNote, takeUp } from './perform-note.ts';
import { revise } from './perform-revision.ts';
import type { Performance } from './performance.ts';
import { partName } from './plan-parts.ts';

/** Turns one planned action into the call that does it, and into the look that tells whether it is done. */
export function toEffect(
  action: EscalationAction,
  facts: EscalationFacts,
  look: Look,
  context: EscalationContext,
): Effect {
  const { domain, ticket } = parseTicketId(look.subject) ?? { domain: '', ticket: 0 };
  const performance: Performance = { facts, look, context, domain, ticket, key: look.key };
  const { summary } = action;
  const { store } = context;
  switch (action.type) {
    case 'fail': {
      const { code, detail } = action;
      const failed = { state: 'failed', error: { code, detail }, trouble: null } as const;
      return repeatable('fail', summary, () => store.change(domain, ticket, () => failed));
    }
    case 'create':
      return { summary, ...create(performance) };
    case 'note':
      return { summary, ...putNote(performance) };
    case 'take-up':
      return repeatable('take-up', summary, () => takeUp(performance));
    case 'begin': {
      const { parts, totals } = action;
      return repeatable('begin', summary, () =>
        store.change(domain, ticket, () => ({ parts, totals, state: 'running', error: null, trouble: null })),
      );
    }
    case 'mark':
      return repeatable('mark', summary, () => mark(performance));
    case 'file':
      return repeatable(`file:${action.file}`, summary, () => copyTicketFile(action.file, performance));
    case 'comment':
      return { summary, ...comment(action.part, performance) };
    case 'revise':
      return repeatable(`revise:${partName(action.part)}`, summary, () => revise(action, performance));
    case 'describe':
      return repeatable(`describe:${action.counts}`, summary, () => describe(action.counts, performance));
    case 'finish':
      return repeatable('finish', summary, () => finish(performance));
  }
}

/** Sets a state rather than adding something: doing it twice is doing it once. */
function repeatable(name: string, summary: string, call: () => Promise<unknown>): Effect {
  return {
    name,
    summary,
    do: async (): Promise<Json> => {
      await call();
      return null;
    },
  };
}
