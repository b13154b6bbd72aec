import type { Frame } from './parse/report.ts';

/** The module that a file of Go's module cache, or of a vendor folder, belongs to. */
function moduleOf(file: string): { module: string; version: string | null } | null {
  const cached = /(?:^|\/pkg\/mod\/)((?:[^/@]+\/)*[^/@]+)@(v[^/]+)\//.exec(file);
  // Without its module cache's folder (-trimpath) the path begins with the module.
  if (cached) return { module: unescapeUpperCase(cached[1] ?? ''), version: cached[2] ?? null };
  const vendored = /\/vendor\/((?:[^/]+\/){1,3})/.exec(file)?.[1];
  return vendored === undefined ? null : { module: vendored.replace(/\/$/, ''), version: null };
}

/** Go writes `github.com/BurntSushi` as `github.com/!burnt!sushi` in its cache. */
function unescapeUpperCase(module: string): string {
  return module.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The library that a race is in: both of its sides are in the same module, and that is not ours. */
export function libraryOf(frames: readonly (Frame | null)[]): { module: string; version: string | null } | null {
  const modules = frames.map(frame => (frame?.file ? moduleOf(frame.file) : null));
  const [first = null, second = null] = modules;
  if (first === null || second === null || first.module !== second.module) return null;
  return first;
}
