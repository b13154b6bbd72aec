import { resolve } from 'node:path';
import type { Settings } from './schema.ts';

/**
 * Makes the paths on this machine absolute: those of secrets, wherever they stand, the data directory and that of the artifacts. They count
 * from the directory of the file, so that it does not matter where the service is started.
 */
export function resolvePaths(settings: Settings, directory: string): Settings {
  const resolved = withSecretPaths(settings, directory) as Settings;
  const { data_dir, artifacts } = resolved.service;
  const service = {
    ...resolved.service,
    data_dir: resolve(directory, data_dir),
    artifacts:
      typeof artifacts === 'object' && 'directory' in artifacts
        ? { directory: resolve(directory, artifacts.directory) }
        : artifacts,
  };
  return { ...resolved, service };
}

function withSecretPaths(value: unknown, directory: string): unknown {
  if (Array.isArray(value)) return value.map(each => withSecretPaths(each, directory));
  if (typeof value !== 'object' || value === null) return value;
  if ('secretIn' in value && 'path' in value && typeof value.path === 'string')
    return { ...value, path: resolve(directory, value.path) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withSecretPaths(each, directory)]));
}
