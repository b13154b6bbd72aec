import type { TagReport } from '../../automations/library-tags/report.ts';

/** A run that has found everything it needs. */
export interface Ready {
  /** A file of certificate authorities that the runner names. */
  authorities: string | null;
  /** Takes the run's secrets out of a text. */
  hide: (text: string) => string;
  run: (note: (line: string) => void) => Promise<{ reports: readonly TagReport[]; dryRun: boolean }>;
}
