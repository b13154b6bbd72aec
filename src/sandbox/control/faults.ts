import { z } from 'zod';

const probability = z.union([z.boolean().transform(Number), z.number().min(0).max(1)]);

/** One that matches nothing would let a test believe that it has tried something. */
const pathRule = z
  .string()
  .refine(path => !path.endsWith('/'), 'no path of a request ends with a slash: …/* is what lies below it');

/** One rule of `POST /_sandbox/faults`. */
export const faultRule = z.strictObject({
  /** `agent`: a part of the User-Agent, so that a test's own calls go through unharmed. */
  match: z
    .strictObject({ method: z.string().optional(), path: pathRule.optional(), agent: z.string().optional() })
    .default({}),
  /** How often it strikes; absent = until it is removed. */
  times: z.int().positive().optional(),
  /** Matching requests that pass unharmed first. */
  after: z.int().nonnegative().default(0),
  fault: z.union([
    z.strictObject({
      status: z.int(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
    z.strictObject({ delay_ms: z.number().nonnegative() }),
    z.strictObject({ reset: z.enum(['before', 'after']) }),
    z.strictObject({ commit_then: z.int() }),
    z.strictObject({ rate_limit: z.strictObject({ limit: z.int().positive(), window_s: z.number().positive() }) }),
    z.strictObject({ drop_webhooks: probability }),
    z.strictObject({ duplicate_webhooks: probability }),
    z.strictObject({ shuffle_webhooks: z.union([z.boolean(), z.number().positive()]) }),
  ]),
});
export type FaultRule = z.infer<typeof faultRule>;

export interface RequestFaults {
  status?: { status: number; headers: Record<string, string>; body: unknown };
  delayMs: number;
  reset?: 'before' | 'after';
  commitThen?: number;
  rateLimit?: { limit: number; windowSeconds: number; observed: number; resetAt: number };
}

interface Entry {
  rule: FaultRule;
  id: number;
  seen: number;
  struck: number;
  window: { count: number; resetAt: number };
}

/** How far apart shuffled webhooks are spread when the rule gives no number. */
const SHUFFLE_MS = 60;

/** The faults a simulator is to have, and which of them strike now. One per simulator. */
export class FaultBook {
  #entries: Entry[] = [];
  #nextId = 1;

  add(rule: FaultRule): number {
    const id = this.#nextId++;
    this.#entries.push({ rule, id, seen: 0, struck: 0, window: { count: 0, resetAt: 0 } });
    return id;
  }

  clear(): void {
    this.#entries = [];
  }

  remove(id: number): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter(entry => entry.id !== id);
    return this.#entries.length < before;
  }

  list(): Record<string, unknown>[] {
    return this.#entries.map(entry => ({ id: entry.id, ...entry.rule, seen: entry.seen, struck: entry.struck }));
  }

  /** What goes wrong with this request. Several rules may strike at once; the first of a kind counts. */
  forRequest(method: string, path: string, agent = ''): RequestFaults {
    const faults: RequestFaults = { delayMs: 0 };
    for (const entry of this.#entries) {
      const { fault, match } = entry.rule;
      if ('drop_webhooks' in fault || 'duplicate_webhooks' in fault || 'shuffle_webhooks' in fault) continue;
      if (match.agent !== undefined && !agent.includes(match.agent)) continue;
      if (!matches(match, method, path) || !strikes(entry)) continue;
      if ('status' in fault) faults.status ??= { status: fault.status, headers: fault.headers ?? {}, body: fault.body };
      else if ('delay_ms' in fault) faults.delayMs += fault.delay_ms;
      else if ('reset' in fault) faults.reset ??= fault.reset;
      else if ('commit_then' in fault) faults.commitThen ??= fault.commit_then;
      else faults.rateLimit ??= observe(entry, fault.rate_limit);
    }
    return faults;
  }

  /** The delays, in ms, after which one webhook is sent: `[]` = dropped, `[0]` = normal, two = duplicated. */
  scheduleWebhook(): number[] {
    let copies = 1;
    let spread = 0;
    for (const entry of this.#entries) {
      const { fault } = entry.rule;
      if ('drop_webhooks' in fault && chance(fault.drop_webhooks) && strikes(entry)) copies = 0;
      if ('duplicate_webhooks' in fault && chance(fault.duplicate_webhooks) && strikes(entry)) copies *= 2;
      if ('shuffle_webhooks' in fault && fault.shuffle_webhooks !== false && strikes(entry)) {
        spread = fault.shuffle_webhooks === true ? SHUFFLE_MS : fault.shuffle_webhooks;
      }
    }
    return Array.from({ length: copies }, () => Math.random() * spread);
  }
}

function chance(probability: number): boolean {
  return Math.random() < probability;
}

function strikes(entry: Entry): boolean {
  entry.seen += 1;
  if (entry.seen <= entry.rule.after) return false;
  if (entry.rule.times !== undefined && entry.struck >= entry.rule.times) return false;
  entry.struck += 1;
  return true;
}

function observe(entry: Entry, limit: { limit: number; window_s: number }): NonNullable<RequestFaults['rateLimit']> {
  if (entry.window.resetAt <= Date.now()) entry.window = { count: 0, resetAt: Date.now() + limit.window_s * 1000 };
  entry.window.count += 1;
  return {
    limit: limit.limit,
    windowSeconds: limit.window_s,
    observed: entry.window.count,
    resetAt: entry.window.resetAt,
  };
}

const patterns = new Map<string, RegExp>();

function matches(
  match: { method?: string | undefined; path?: string | undefined },
  method: string,
  path: string,
): boolean {
  if (match.method !== undefined && match.method !== '*' && match.method.toUpperCase() !== method) return false;
  if (match.path === undefined) return true;
  let pattern = patterns.get(match.path);
  if (pattern === undefined) {
    pattern = pathPattern(match.path);
    patterns.set(match.path, pattern);
  }
  return pattern.test(path);
}

/**
 * `path` in a rule: a whole path (`/api/v4/projects/1/issues`), the end of one (`/discussions`), with `*` for anything and
 * `:name` for one segment; or a regular expression, recognised by its `^`, `$`, `(`, `[`, `|` or `\`.
 */
export function pathPattern(path: string): RegExp {
  if (/[\^$()[\]|\\]/.test(path)) return new RegExp(path);
  const source = path
    .split(/(\*+|:[a-z_]+)/)
    .map(part =>
      part.startsWith('*') ? '.*' : /^:[a-z_]+$/.test(part) ? '[^/]+' : part.replaceAll(/[.+?{}]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`${path.startsWith('/') ? '' : '/'}${source}/?$`);
}
