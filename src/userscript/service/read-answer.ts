import { TEXTS } from '../texts.ts';
import type { Escalation, EscalationState, Issue, Preview } from './escalation.ts';

/**
 * Reads what the service answered. It is taken as foreign: whatever is missing or of another shape becomes nothing, so that
 * an older script goes on working with a newer service.
 */
export function readEscalation(value: unknown): Escalation | null {
  const state = stateOf(text(value, 'state'));
  if (state === null) return null;
  const progress = member(value, 'progress');
  return {
    ticket: number(value, 'ticket_id'),
    state,
    done: number(progress, 'done') ?? 0,
    total: number(progress, 'total') ?? 0,
    step: text(progress, 'step'),
    issue: readIssue(member(value, 'issue')),
    warnings: texts(value, 'warnings'),
    failure: text(member(value, 'error'), 'detail'),
    requestedBy: text(value, 'requested_by'),
    waiting: text(value, 'waiting'),
  };
}

export function readEscalations(value: unknown): Escalation[] {
  return list(value, 'tickets')
    .map(readEscalation)
    .filter(each => each !== null);
}

export function readPreview(value: unknown): Preview {
  return {
    title: text(value, 'title'),
    description: text(value, 'description'),
    comments: list(value, 'comments').map(each => ({
      body: text(each, 'body'),
      internal: member(each, 'internal') === true,
    })),
    files: list(value, 'files').map(each => ({
      name: text(each, 'name'),
      size: number(each, 'size'),
      reason: member(each, 'copied') === false ? text(each, 'reason') || TEXTS.fileNotCopied : '',
    })),
    warnings: texts(value, 'warnings'),
    similar: list(value, 'similar').map(each => ({
      title: text(each, 'title'),
      url: safeUrl(text(each, 'url')),
      state: text(each, 'state'),
    })),
  };
}

/** The words of an error of the service: what happened, and what to do. */
export function readProblem(value: unknown): { title: string; detail: string; remedy: string } {
  return { title: text(value, 'title'), detail: text(value, 'detail'), remedy: text(value, 'remedy') };
}

function readIssue(value: unknown): Issue | null {
  const iid = number(value, 'iid');
  if (iid === null) return null;
  return {
    url: safeUrl(text(value, 'url')),
    reference: `${text(value, 'project')}#${iid}`,
    state: text(value, 'state'),
    labels: texts(value, 'labels'),
  };
}

const STATES: readonly EscalationState[] = ['none', 'running', 'done', 'done_with_warnings', 'failed'];

function stateOf(word: string): EscalationState | null {
  return STATES.find(state => state === word) ?? null;
}

/** Only what a link may be: never `javascript:`. */
function safeUrl(url: string): string | null {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? new URL(url).href : null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}

function number(value: unknown, name: string): number | null {
  const found = member(value, name);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

function texts(value: unknown, name: string): string[] {
  return list(value, name).filter(each => typeof each === 'string');
}
