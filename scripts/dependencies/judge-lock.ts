import { satisfies, validRange } from 'semver';
import { isAllowed, licenceOf } from './licences.ts';
import { type LockedPackage, type LockFile, nameOf } from './lock-file.ts';

export interface Rules {
  /** Packages whose scripts may run when they are installed, and why that is known. */
  scripts: Readonly<Record<string, string>>;
  /** Development dependencies that are bundled: they are shipped, whatever the lock file calls them. */
  bundled: readonly string[];
  /** The oldest Node that our own must run on. */
  node: string;
}

export interface LockVerdict {
  faults: string[];
  shipped: number;
  used: number;
  /** Packages for other systems that the lock file has no checksum of; they are not installed here. */
  unchecked: number;
}

/** Whether everything that is installed is what was chosen once, comes from the registry, and may be used as it is. */
export function judgeLock({ packages }: LockFile, rules: Rules): LockVerdict {
  const all = Object.entries(packages).filter(([place]) => place !== '');
  const isOurs = ([place, { dev }]: [string, LockedPackage]) => !dev || rules.bundled.includes(nameOf(place));
  const faults = all.flatMap(entry => {
    const [place, locked] = entry;
    return [
      ...sourceFaults(place, locked),
      ...scriptFaults(place, locked, rules),
      ...useFaults(entry, isOurs(entry), rules),
    ];
  });
  const shipped = all.filter(isOurs).length;
  const unchecked = all.filter(([, locked]) => isElsewhere(locked)).length;
  return { faults, shipped, used: all.length - shipped, unchecked };
}

function sourceFaults(place: string, locked: LockedPackage): string[] {
  const faults: string[] = [];
  const name = nameOf(place);
  if (locked.link) faults.push(`${place} is a link to a directory`);
  if (locked.resolved !== undefined) faults.push(`${place} comes from ${locked.resolved}, not from the registry`);
  if (locked.name !== undefined && locked.name !== name) faults.push(`${place} is in truth ${locked.name}`);
  const isKnown = /^sha512-[A-Za-z0-9+/]{86}==$/.test(locked.integrity ?? '');
  if (!isKnown && !isElsewhere(locked)) faults.push(`${place} has no checksum (sha512)`);
  return faults;
}

/** Another system's, taken into the lock file by complete-lock-file.ts, so that `npm ci` works there, too. */
function isElsewhere({ integrity, dev, optional, os, cpu, libc }: LockedPackage): boolean {
  if (integrity !== undefined || !dev || !optional) return false;
  const isHere = os?.includes('linux') && cpu?.includes('x64') && !libc?.includes('musl');
  return os !== undefined && cpu !== undefined && !isHere;
}

function scriptFaults(place: string, { hasInstallScript }: LockedPackage, { scripts }: Rules): string[] {
  if (!hasInstallScript || nameOf(place) in scripts) return [];
  return [`${place} runs a script when it is installed: read it, then list it in scripts/dependencies/rules.ts`];
}

function useFaults([place, locked]: [string, LockedPackage], isShipped: boolean, { node }: Rules): string[] {
  if (isElsewhere(locked)) return [];
  const faults: string[] = [];
  const licence = licenceOf(nameOf(place), locked.version ?? '', locked.license);
  if (licence === undefined) faults.push(`${place} names no licence`);
  else if (!isAllowed(licence, isShipped ? 'shipped' : 'used')) {
    faults.push(`${place} has the licence ${licence}, which scripts/dependencies/licences.ts does not list`);
  }
  const range = locked.engines?.['node'] ?? '*';
  if (isShipped && validRange(range) !== null && !satisfies(node, range)) {
    faults.push(`${place} needs Node ${range}, and ours may be ${node}`);
  }
  return faults;
}

/** What package.json asks for: one version each, so that nothing changes by itself. */
export function judgeManifest(dependencies: Readonly<Record<string, string>>): string[] {
  const loose = Object.entries(dependencies).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version),
  );
  return loose.map(([name, version]) => `package.json asks for ${name} ${version}, which is no single version`);
}
