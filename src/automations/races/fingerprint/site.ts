import type { Access, Frame, RaceReport } from '../parse/report.ts';
import { cppName, isCppRuntime } from './cpp-names.ts';
import { goName, isGeneric, isPlainFunction, programOf } from './go-names.ts';
import { isStandard } from './standard-library.ts';

/** Decides which frames identify a race; part of the configuration, and of what people say in comments. */
export interface SiteOptions {
  /** Functions (normalised, `*` allowed) that are everybody's helper: their caller is named as well. */
  lookThrough: readonly string[];
}

/** A side that could not be read; it matches a known race with the same other side. */
export const UNKNOWN_SITE = '?';

interface Dialect {
  name(frame: Frame): string;
  /** The name as people write it in a look-through: without the program before `main`. */
  shortName(frame: Frame): string;
  isUser(frame: Frame): boolean;
}

const CPP: Dialect = { name: cppName, shortName: cppName, isUser: frame => !isCppRuntime(frame) };

/** How the functions of a report's language are named and told from its runtime's. */
function dialectOf(report: RaceReport): Dialect {
  if (report.detector !== 'go') return CPP;
  const program = programOf([...report.accesses, ...report.creations].flatMap(({ stack }) => stack));
  return {
    name: frame => goName(frame.func, program),
    shortName: frame => goName(frame.func),
    isUser: frame => frame.func !== '??' && !isStandard(goName(frame.func)),
  };
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  // The `*` of a receiver "(*T)" is meant literally, every other one stands for anything.
  const source = pattern.split(/(?<!\()\*/).map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

/** The frames that may stand for the access: the user's own, or, where there are none, nothing. */
function userFrames(access: Access, dialect: Dialect): Frame[] {
  return access.stack.filter(frame => dialect.isUser(frame));
}

/** Where the access's goroutine was started; "@" because that is a place near the race, not in it. */
function creationSite(access: Access, report: RaceReport, dialect: Dialect): string | null {
  const creation = report.creations.find(({ actor }) => actor === access.actor);
  const frame = creation?.stack.find(candidate => dialect.isUser(candidate));
  return frame === undefined ? null : `@${dialect.name(frame)}`;
}

/** `f`, or `f<caller` when f alone does not say which race it is; `also` decides that besides the configuration. */
function named(frames: Frame[], dialect: Dialect, options: SiteOptions, also: boolean): string {
  const chain: string[] = [];
  for (const [depth, frame] of frames.entries()) {
    const name = dialect.name(frame);
    if (chain.at(-1) !== name) chain.push(name);
    const through =
      isGeneric(frame.func) ||
      options.lookThrough.some(pattern => matches(pattern, name) || matches(pattern, dialect.shortName(frame)));
    if (!through && !(also && depth === 0)) break;
    if (chain.length > 3) break;
  }
  return chain.join('<');
}

function siteOf(access: Access | undefined, report: RaceReport, dialect: Dialect, options: SiteOptions): string {
  if (access === undefined) return UNKNOWN_SITE;
  const frames = userFrames(access, dialect);
  if (frames.length > 0) return named(frames, dialect, options, false);
  const created = creationSite(access, report, dialect);
  if (created !== null) return created;
  if (access.lost || access.stack.length === 0) return UNKNOWN_SITE;
  const top = access.stack[0];
  return top === undefined ? UNKNOWN_SITE : dialect.name(top);
}

/** The two sides of a race, in the report's order; see the README of this folder for the rule. */
export function sitesOf(report: RaceReport, options: SiteOptions): [string, string] {
  if (report.detector === 'kcsan') return [report.named[0] ?? UNKNOWN_SITE, report.named[1] ?? UNKNOWN_SITE];
  const dialect = dialectOf(report);
  const [a, b] = report.accesses;
  const first = siteOf(a, report, dialect, options);
  const second = siteOf(b, report, dialect, options);
  // Two accesses in one and the same plain helper: the helper is shared, its callers race.
  if (first !== second || a === undefined || b === undefined || report.detector !== 'go') return [first, second];
  if (first === UNKNOWN_SITE || first.startsWith('@') || first.includes('<') || !isPlainFunction(first))
    return [first, second];
  const expand = (access: Access): string => {
    const frames = userFrames(access, dialect);
    return frames.length === 0 ? first : named(frames, dialect, options, true);
  };
  return [expand(a), expand(b)];
}
