import type { Json } from './json.ts';

/**
 * The one shape of all automations: look at a key, gather its facts, decide (purely), perform what is missing.
 * The engine calls the three in this order and writes down what each of them said.
 */
export interface Automation<Facts = unknown, Action extends PlannedAction = PlannedAction, Memory = unknown> {
  /** The name users know: `version-check`. */
  name: string;
  /** The first part of the keys it looks at: `merge-request` for `merge-request:acme/appliance!12`. */
  kind: string;
  /** Its keys look again by themselves for ever: a failing one backs off, but is never laid aside. */
  standing?: boolean;
  /** How many actions that belong `together` are performed at the same time; 1 unless told. */
  atOnce?: number;
  /** Reads the truth. May use the network; changes nothing. Facts must be plain JSON: `explain` shows them. */
  gather(look: Look<Memory>): Promise<Facts>;
  /** A pure function: the same facts, memory and time give the same decision. */
  decide(facts: Facts, memory: Memory | null, now: number): Decision<Action, Memory>;
  /** Turns one planned action into the outward call that does it. */
  effect(action: Action, facts: Facts, look: Look<Memory>): Effect;
}

/** One look at one key. */
export interface Look<Memory = unknown> {
  key: string;
  /** The key without its kind: `acme/appliance!12`. */
  subject: string;
  /** Why we look, newest last. */
  reasons: readonly string[];
  /** What this automation remembered about this key after its last look. */
  memory: Memory | null;
  /** The sender's chain id, to be passed back on writes. */
  chain: string | null;
  signal: AbortSignal;
  now: () => number;
}

export interface Decision<Action extends PlannedAction = PlannedAction, Memory = unknown> {
  /** One line a person understands: `blocked: 5.4 into 5.3`. */
  verdict: string;
  /** The rule and the facts that led to it, one sentence each. */
  because: string[];
  actions: Action[];
  memory?: Memory | null;
  /** Look again at this time even without a signal. */
  lookAgainAt?: number;
  /** Other keys that this decision makes worth a look. */
  alsoLookAt?: { key: string; reason: string; dueAt?: number }[];
}

export interface PlannedAction {
  /** Which kind of action, and unique within the plan together with `name`. */
  type: string;
  /** One line for dry runs and the journal: `open a thread on acme/appliance!12`. */
  summary: string;
  /** Actions in a row with the same word do not need each other and may be performed at the same time. */
  together?: string;
}

/** One outward call that changes something, in a form that can be repeated without doing it twice. */
export interface Effect {
  /** The same for the same intention on the same key; a different intention has another name. */
  name: string;
  summary: string;
  /** Looks whether it has been done already, at the outside itself; asked whenever an earlier try ended uncertain. */
  find?: () => Promise<Json | undefined>;
  /** Does it, and returns what identifies the result. */
  do: () => Promise<Json>;
}
