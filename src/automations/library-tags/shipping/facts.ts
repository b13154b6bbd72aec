/** A merge request that came with a version. */
export interface ShippedRequest {
  /** `acme/lib-ssh!12` */
  reference: string;
  iid: number;
  title: string;
}

/** An issue that one of them closes, and whether it has been told. */
export interface ShippedIssue {
  project: string;
  iid: number;
  told: boolean;
}

/** Everything that the decision about one version is made from. */
export interface VersionFacts {
  project: string;
  tag: string;
  tagUrl: string;
  commit: string;
  base: string | null;
  /** `theirs`: not made by us. `elsewhere`: somebody has moved it since. */
  state: 'ours' | 'theirs' | 'elsewhere' | 'gone' | 'not configured';
  requests: ShippedRequest[];
  /** First lines of the commits, for a version that came without a merge request. */
  subjects: string[];
  issues: ShippedIssue[];
  hasRelease: boolean;
}
