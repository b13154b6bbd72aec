import { tracingChannel } from 'node:diagnostics_channel';

/** One look at a key, for whoever watches. */
export interface WatchedLook {
  key: string;
  automation: string;
  reasons: readonly string[];
}

/** One outward call that changes something. */
export interface WatchedEffect {
  key: string;
  automation: string;
  name: string;
  /** Set when it has ended well: done now, or found done. */
  outcome?: 'done' | 'found';
}

/**
 * What the engine does, as it does it: metrics and traces listen here, and the engine knows neither. With nobody there it costs
 * nothing.
 */
export const watched = {
  look: tracingChannel<unknown, WatchedLook>('signalbox:look'),
  effect: tracingChannel<unknown, WatchedEffect>('signalbox:effect'),
};
