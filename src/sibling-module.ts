/**
 * The address of a module beside the calling one, for a worker thread or a child process: `.ts` when running from the
 * sources, `.js` when running from the build. TypeScript rewrites import specifiers, but not addresses made at run time.
 *
 * @example new Worker(siblingModule(import.meta.url, './worker'))
 */
export function siblingModule(base: string, name: string): URL {
  return new URL(`${name}${base.endsWith('.ts') ? '.ts' : '.js'}`, base);
}
