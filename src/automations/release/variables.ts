import type { ReleaseDocument } from './model.ts';

export interface VariablePaths {
  /** Absolute paths of the artifact and of the env file that holds these variables. */
  artifact: string;
  envFile: string;
}

/** What the release script sees, as environment variables and in the env file: the same names and values in both. */
export function releaseVariables(
  release: Pick<ReleaseDocument, 'product' | 'version' | 'line' | 'metadata' | 'size' | 'md5' | 'sha256'>,
  run: { environment: string; attempt: number },
  paths: VariablePaths,
): Record<string, string> {
  const variables: Record<string, string> = {
    RELEASE_PRODUCT: release.product,
    RELEASE_VERSION: release.version,
    RELEASE_LINE: release.line,
    RELEASE_ENVIRONMENT: run.environment,
    RELEASE_FILE: paths.artifact,
    RELEASE_ENV_FILE: paths.envFile,
    RELEASE_MD5: release.md5,
    RELEASE_SHA256: release.sha256,
    RELEASE_SIZE: String(release.size),
    RELEASE_ATTEMPT: String(run.attempt),
  };
  for (const [field, value] of Object.entries(release.metadata)) {
    // A promoted release was sent for another environment; a script that reads this one must not go there.
    const current = field === 'environment' ? run.environment : value;
    variables[`RELEASE_META_${field.toUpperCase().replaceAll('-', '_')}`] = current;
  }
  return variables;
}

/**
 * The env file: POSIX single quotes, within which a shell takes every character but the quote itself as it is. Measured
 * with dash and bash; double quotes, as JSON writes them, would run `$(…)`.
 */
export function renderEnvFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
    .join('');
}
