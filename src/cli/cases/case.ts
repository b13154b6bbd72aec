/** Where a case is tried: the project's settings as the service reads them. */
export interface CaseContext<Settings> {
  project: string;
  settings: Settings;
  /** Of GitLab, without which full addresses of issues mean nothing. */
  baseUrl: string;
}

/** What the rules made of a case. */
export interface Judged {
  ok: boolean;
  expected: string;
  got: string;
  verdict: string;
  because: string[];
}

/** A case that was tried. */
export interface CaseResult extends Judged {
  /** `file:line:column` */
  at: string;
  automation: string;
  project: string;
  name: string;
}

/** What cannot be so in the project; the path counts from the case. */
export interface CaseFault {
  path: readonly PropertyKey[];
  /** The key is to blame, not what stands there. */
  part?: 'key';
  message: string;
}
