import type { Stage } from './stage.ts';

/** One automation's part of the story. */
export interface Chapter {
  /** Its place in the story. */
  number: number;
  title: string;
  /** Its sections of signalbox.yaml, as text; the directory is the demo's own, for files that they name. */
  settings: (directory: string) => string | Promise<string>;
  /** The webhooks it needs: the events by the project's path, as GitLab names them. */
  hooks: Readonly<Record<string, readonly string[]>>;
  play: (stage: Stage) => Promise<Outcome>;
}

export interface Outcome {
  /** What happened, in one line. */
  line: string;
  /** What can be seen in the sandbox afterwards. */
  claims: Claim[];
}

export interface Claim {
  claim: string;
  holds: boolean;
}
