import type { Frame } from '../parse/report.ts';
import { splitFunction } from './standard-library.ts';

/** `a[go.shape.int]`, `a[...]` without what is in the brackets, which may nest. */
function withoutTypeArguments(name: string): string {
  let result = name;
  for (let before = ''; before !== result; ) {
    before = result;
    result = result.replace(/\[[^[\]]*\]/g, '');
  }
  return result;
}

/**
 * What tells one program's package `main` from another's: the last element of its directory. More of the path would
 * differ between a build with `-trimpath` and one without, or between two build machines; this much is the same.
 */
export function programOf(frames: Iterable<Frame>): string | null {
  for (const { func, file } of frames) {
    if (!func.startsWith('main.') || file === null || file.endsWith('_testmain.go')) continue;
    const directory = file
      .split('/')
      .slice(0, -1)
      .filter(element => !/^v\d+$/.test(element))
      .at(-1);
    if (directory !== undefined && directory !== '') return directory.replace(/@v.*$/, '');
  }
  return null;
}

/** `(*inotify)`, `register`… : the parts of a symbol, receivers kept whole. */
const partsOf = (symbol: string): string[] => symbol.match(/\([^()]*(?:\([^()]*\)[^()]*)*\)|[^.()]+/g) ?? [];

/**
 * A closure's name without what changes when unrelated code does: its numbers, and the functions it was inlined into
 * (`add.(*inotify).register.func5` is printed or not depending on the compiler's decisions; it is register's closure).
 */
function closureOwner(symbol: string): string {
  const parts = partsOf(symbol);
  const isClosure = (part: string): boolean => /^func\d*$/.test(part) || /^\d+$/.test(part);
  let end = parts.length;
  while (end > 0 && isClosure(parts[end - 1] ?? '')) end--;
  if (end === parts.length) return symbol;
  // Before Go 1.5 closures were numbered through the package, and not named after their function.
  if (end === 0) return 'func*';
  const named = parts.slice(0, end);
  const start = named.findLastIndex(isClosure) + 1;
  const owner = named.slice(start);
  const receiver = owner.findLastIndex(part => part.startsWith('('));
  // "(*T).M" stays whole, "T.M" cannot be told from "inlined.Into" and stays, in longer chains the last one owns it.
  const kept =
    receiver >= 0 && receiver === owner.length - 2 ? owner.slice(-2) : owner.length === 2 ? owner : owner.slice(-1);
  return `${kept.join('.')}.func*`;
}

/** Is the function generic? Its type arguments are not printed, so that all of its instances look alike. */
export function isGeneric(func: string): boolean {
  return func.includes('[');
}

/** Names that were asked for before: the reports of a log are about a few hundred functions. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 20_000;

/**
 * The stable name of a Go function: the same over builds, compilers, vendoring and unrelated edits.
 * `program` is put before the package `main`, where it is known.
 */
export function goName(func: string, program: string | null = null): string {
  const key = program === null ? func : `${program}\0${func}`;
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  // Whoever fills it with names made up for the purpose only makes it begin anew.
  if (NAMES.size >= MOST_NAMES) NAMES.clear();
  const name = stableName(func, program);
  NAMES.set(key, name);
  return name;
}

function stableName(func: string, program: string | null): string {
  let name = withoutTypeArguments(func).replaceAll('%2e', '.');
  const vendor = name.lastIndexOf('/vendor/');
  if (vendor >= 0) name = name.slice(vendor + '/vendor/'.length);
  name = name
    .replace(/·dwrap·\d+/g, '')
    .replace(/\.(?:gowrap|deferwrap)\d+/g, '')
    .replace(/-range\d+/g, '')
    .replace(/-fm$/, '')
    .replace(/(?:\.)?func·\d+/g, '.func1')
    .replace(/\/go_default_test\./, '.');
  const { path, symbol } = splitFunction(name);
  if (path === '') return name;
  const owner = path === 'main' && program !== null ? `${program}/main` : path;
  return `${owner}.${closureOwner(symbol)}`;
}

/** A function that is no method and no closure: the kind that helpers are made of. */
export function isPlainFunction(name: string): boolean {
  return !splitFunction(name).symbol.includes('.');
}
