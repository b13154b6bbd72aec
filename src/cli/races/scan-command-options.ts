/** The options of `races scan` as the command line gives them. */
export interface ScanCommandOptions {
  service?: string;
  gitlab?: boolean;
  gitlabUrl?: string;
  config?: string;
  tokenFile?: string;
  source?: string;
  host?: string;
  run?: string;
  project: string;
  state?: string;
  retryFor: string;
  dryRun?: boolean;
  baseline?: boolean;
  since?: string;
  settle: string;
  build?: string;
  buildFrom?: string;
  buildPattern?: string;
  heartbeat?: boolean;
  runningSince?: string;
  failOnRace?: boolean;
  quiet?: boolean;
  json?: boolean;
  report?: string;
}
