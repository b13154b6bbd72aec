/** Why git refused; the API layer turns each kind into the status GitLab answers with. */
export type GitErrorKind = 'not-found' | 'exists' | 'conflict' | 'invalid' | 'unrelated' | 'empty';

/** A refusal in git's or GitLab's own words, fit to be shown to an API client. */
export class GitError extends Error {
  readonly kind: GitErrorKind;

  constructor(kind: GitErrorKind, message: string) {
    super(message);
    this.name = 'GitError';
    this.kind = kind;
  }
}
