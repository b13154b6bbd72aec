import { SignalboxError } from '../../errors.ts';

/** What a tagging run is about: one commit of one project on a server. */
export interface TagTarget {
  /** `https://gitlab.example.com/acme/lib-ssh.git`, without credentials; for a checkout any address git knows. */
  repositoryUrl: string;
  /** The project's page, for people; null outside of GitLab. */
  projectUrl: string | null;
  /** `https://gitlab.example.com/api/v4`; null where there is none. */
  apiUrl: string | null;
  /** Id or path. */
  project: string;
  commit: string;
  /** null in pipelines of tags and merge requests. */
  branch: string | null;
  /** null: the server's own answer counts. */
  defaultBranch: string | null;
  /** Who started the pipeline. */
  login: string | null;
  tagger: { name: string; email: string } | null;
  /** A file of certificate authorities that the runner names. */
  authorities: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The target as GitLab's predefined variables describe it. `CI_REPOSITORY_URL` is not used: it has the job token in it.
 *
 * @throws SignalboxError SBX_USAGE outside of a pipeline
 */
export function readJob(environment: Environment): TagTarget {
  const variable = (name: string): string | null => environment[name]?.trim() || null;
  const server = variable('CI_SERVER_URL');
  const path = variable('CI_PROJECT_PATH');
  const projectUrl = variable('CI_PROJECT_URL') ?? (server && path ? `${server}/${path}` : null);
  const commit = variable('CI_COMMIT_SHA');
  const missing = [
    ...(projectUrl ? [] : ['CI_PROJECT_URL']),
    ...(commit && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) ? [] : ['CI_COMMIT_SHA']),
  ];
  if (!projectUrl || !commit || missing.length > 0) {
    throw new SignalboxError(
      'SBX_USAGE',
      `this is no GitLab job, ${missing.join(' and ')} cannot be read; in a checkout use: signalbox tag --local`,
    );
  }
  if (!/^https?:$/.test(URL.parse(projectUrl)?.protocol ?? '')) {
    throw new SignalboxError('SBX_USAGE', 'CI_PROJECT_URL is no http or https address');
  }
  const name = variable('GITLAB_USER_NAME');
  const email = variable('GITLAB_USER_EMAIL');
  return {
    repositoryUrl: `${projectUrl.replace(/\/+$/, '')}.git`,
    projectUrl,
    apiUrl: variable('CI_API_V4_URL')?.replace(/\/+$/, '') ?? null,
    project: path ?? variable('CI_PROJECT_ID') ?? new URL(projectUrl).pathname.slice(1),
    commit,
    // A tag pipeline has no branch; merge request pipelines (merge trains too) run on refs that never land.
    branch: variable('CI_COMMIT_TAG') ? null : variable('CI_COMMIT_BRANCH'),
    defaultBranch: variable('CI_DEFAULT_BRANCH'),
    login: variable('GITLAB_USER_LOGIN'),
    tagger: name && email ? { name, email } : null,
    authorities: variable('CI_SERVER_TLS_CA_FILE'),
  };
}
