export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** How often one host may be called, as its answers tell. */
export interface CallBudget {
  /** For metrics: calls left in the present window, where the host says so. */
  readonly remaining: number | undefined;
  /** Learns from an answer. */
  note(headers: AnswerHeaders): void;
  /** Closes the host after a 429; returns when it may be asked again, ms since the epoch. */
  throttled(headers: AnswerHeaders, now: number): number;
  /**
   * Lets a request pass when it may be sent.
   *
   * @throws SignalboxError SBX_REMOTE_THROTTLED when that is further away than `patience` milliseconds
   */
  pass(patience: number, name: string, signal?: AbortSignal): Promise<void>;
  /** Gives back what a request took that never left: no connection could be made. */
  unsent?(): void;
}

/** The number in a header, if it is one. */
export function headerNumber(value: string | string[] | undefined): number | undefined {
  const text = Array.isArray(value) ? value[0] : value;
  if (text === undefined || text.trim() === '') return undefined;
  const parsed = Number(text);
  return Number.isFinite(parsed) ? parsed : undefined;
}
