import type { Service } from '../../service/compose.ts';
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

/** A sandbox and a service in front of it, wired with webhooks as a user would do it. */
export interface Stage {
  gitlabUrl: string;
  freshdeskUrl: string;
  service: Service;
  /** The demo's own, for files that the story is about. */
  directory: string;
  /** Calls the sandbox's GitLab as one of its people. */
  as: (
    user: 'maintainer' | 'developer' | 'admin',
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<GitLabAnswer>;
  /** Calls the sandbox's Freshdesk, as Ada. */
  freshdesk: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** How many such requests the service has sent; `path` is the end of one. */
  sent: (method: string, path: string) => Promise<number>;
  close: () => Promise<void>;
}

export interface GitLabAnswer {
  status: number;
  // The demo looks at single fields of answers that GitLab's own schemas describe.
  body: unknown;
}
