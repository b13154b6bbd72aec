export interface CommitStatusRecord {
  id: number;
  sha: string;
  ref: string;
  status: string;
  name: string;
  targetUrl: string | null;
  description: string | null;
  coverage: number | null;
  authorId: number;
  pipelineId: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  allowFailure: boolean;
}
export interface PipelineRecord {
  id: number;
  iid: number;
  projectId: number;
  sha: string;
  ref: string;
  source: string;
  userId: number;
  createdAt: string;
  updatedAt: string;
}

export interface ReleaseRecord {
  tag: string;
  name: string;
  description: string | null;
  authorId: number;
  createdAt: string;
  releasedAt: string;
  milestoneIds: number[];
  links: { id: number; name: string; url: string; linkType: string; filePath: string | null }[];
  id: number;
}

export interface ProtectedRefRecord {
  id: number;
  name: string;
  pushLevel: number;
  mergeLevel: number;
  allowForcePush: boolean;
  codeOwnerApproval: boolean;
}

export interface UploadRecord {
  id: number;
  secret: string;
  filename: string;
  contentType: string;
  content: Buffer;
  createdAt: string;
  userId: number;
}

export interface StatusCheckRecord {
  id: number;
  name: string;
  externalUrl: string;
  hmac: string | null;
  /** `${merge request id}:${sha}` -> state; a check of a head that has no answer is pending. */
  answers: Map<string, 'pending' | 'passed' | 'failed'>;
}
