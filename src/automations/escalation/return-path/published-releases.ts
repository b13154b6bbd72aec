/** What the return path needs of releases; the service gives it from what the release automation remembers. */
export interface PublishedRelease {
  product: string;
  version: string;
  environment: string;
  /** What it was built from; null where it does not say. */
  commit: string | null;
  /** ms since 1970 */
  at: number;
}

export interface PublishedReleases {
  /** Those that changed last, newest first, at most so many. */
  newest(count: number): Promise<PublishedRelease[]>;
}

export function publishedName({ product, version, environment }: PublishedRelease): string {
  return `${product}/${version}/${environment}`;
}
