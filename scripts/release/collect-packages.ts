import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';

/** A package of which something is in our release. */
export interface Bundled {
  /** Of what it is a part: the program, the dashboard, the button. */
  parts: Set<string>;
  /** Where it is installed. */
  directory: string;
}

/** By `name@version`. */
export type Packages = Map<string, Bundled>;

/** In a bundler: notes each package of which at least one module is in the result. */
export function collectPackages(found: Packages, part: string): Pick<Plugin, 'name' | 'generateBundle'> {
  return {
    name: 'collect packages',
    generateBundle: (_options, bundle) => {
      for (const output of Object.values(bundle)) {
        for (const id of output.type === 'chunk' ? output.moduleIds : output.originalFileNames) note(found, part, id);
      }
    },
  };
}

function note(found: Packages, part: string, id: string): void {
  const directory = directoryOf(id);
  if (directory === null) return;
  const { name, version } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Record<string, string>;
  const known = found.get(`${name}@${version}`) ?? { parts: new Set(), directory };
  known.parts.add(part);
  found.set(`${name}@${version}`, known);
}

/** Of the package that a module is in; null for our own modules, and for those that the bundler made up. */
function directoryOf(id: string): string | null {
  if (id.startsWith('\0')) return null;
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? null;
}
