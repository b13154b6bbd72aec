import type { Stage } from './stage.ts';

/** One automation's part of the story. */
export interface Chapter {
  title: string;
  /** Plays it, and says what can be seen in the sandbox afterwards. */
  play(stage: Stage): Promise<{ claim: string; holds: boolean }[]>;
}
