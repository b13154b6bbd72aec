import { type Extraction, missed, toExtraction } from './extraction.ts';

/** Versions in source code. Nothing is evaluated; what is computed at build time is not a version in the tree. */

/** The longest line looked at, so that generated one-line files cost nothing. */
const MAX_LINE = 1000;

function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/).map(line => line.slice(0, MAX_LINE));
}

/** What a Go version constant is called when the settings do not say. */
const GO_NAME = /^(?:app|build|product|release)?_?version$/i;

/**
 * `const Version = "5.3.1"`, alone or in a `const ( … )` block, at the top level. `var version = "dev"` is
 * 'not-a-version': the real one is linked in at build time, so the next extractor has to know.
 */
export function readGoConst(text: string, name: string | undefined): Extraction {
  let inBlock = false;
  let inComment = false;
  let unusable: Extraction | undefined;
  for (const line of linesOf(text)) {
    if (inComment) {
      inComment = !line.includes('*/');
      continue;
    }
    if (/^\s*\/\*/.test(line)) {
      inComment = !line.includes('*/');
      continue;
    }
    if (/^(?:const|var)\s*\(/.test(line)) inBlock = true;
    else if (line.startsWith(')')) inBlock = false;
    const declaration = inBlock ? line.trimStart() : /^(?:const|var)\s+(.*)$/.exec(line)?.[1];
    const match = /^([A-Za-z_]\w*)(?:\s+string)?\s*=\s*(?:"([^"\\]*)"|`([^`]*)`)/.exec(declaration ?? '');
    const found = match?.[1];
    if (found === undefined || !(name === undefined ? GO_NAME.test(found) : found === name)) continue;
    const result = toExtraction(match?.[2] ?? match?.[3] ?? '');
    if (result.ok) return result;
    unusable ??= result;
  }
  return unusable ?? missed('no-match', `there is no constant ${name ?? 'Version'} with a literal text`);
}

/**
 * `#define NAME "5.3.1"` or `#define NAME 5.3.1`; failing that, NAME_MAJOR, NAME_MINOR and NAME_PATCH together.
 * Without a name the first macro that ends in VERSION counts.
 */
export function readDefine(text: string, name: string | undefined): Extraction {
  const macros = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^\s*#\s*define\s+([A-Za-z_]\w*)\s+(?:"([^"]*)"|([\w.+-]+))/.exec(line);
    if (match?.[1] !== undefined && !macros.has(match[1])) macros.set(match[1], match[2] ?? match[3] ?? '');
  }
  const names = name === undefined ? [...macros.keys()].filter(key => /VERSION(?:_STR(?:ING)?)?$/i.test(key)) : [name];
  const direct = names.map(key => toExtraction(macros.get(key) ?? '')).find(result => result.ok);
  if (direct !== undefined) return direct;
  const stems =
    name === undefined
      ? [...macros.keys()].filter(key => /VERSION_MAJOR$/i.test(key)).map(key => key.slice(0, -6))
      : [name];
  for (const stem of stems) {
    const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
      part => macros.get(`${stem}_${part}`) ?? macros.get(`${stem}_${part.toLowerCase()}`),
    );
    const numbers = parts.slice(0, parts.includes(undefined) ? parts.indexOf(undefined) : 3);
    if (numbers.length >= 2 && numbers.every(part => /^\d+$/.test(part ?? ''))) return toExtraction(numbers.join('.'));
  }
  const written = names.map(key => macros.get(key)).find(value => value !== undefined);
  return written === undefined
    ? missed('no-match', `there is no #define ${name ?? '… VERSION'} with a literal value`)
    : toExtraction(written);
}

/** `project(appliance VERSION 5.3.1 LANGUAGES C)`, over several lines too; `${NAME}` is looked up among the `set(NAME …)` before it. */
export function readCmake(text: string, name: string | undefined): Extraction {
  const source = linesOf(text).map(withoutCmakeComment).join('\n');
  const variables = new Map<string, string>();
  const command = /\b(set|project)[ \t]*\(([^()]*)\)/gi;
  for (let match = command.exec(source); match !== null; match = command.exec(source)) {
    const words = (match[2] ?? '').match(/"[^"]*"|[^\s"]+/g)?.map(word => word.replace(/^"|"$/g, '')) ?? [];
    const [first, second] = words;
    if (match[1]?.toLowerCase() === 'set') {
      if (first !== undefined && second !== undefined) variables.set(first, expand(second, variables));
      continue;
    }
    if (name !== undefined && first !== name) continue;
    const value = words[words.indexOf('VERSION') + 1];
    if (!words.includes('VERSION') || value === undefined) continue;
    return toExtraction(expand(value, variables));
  }
  return missed('no-match', `there is no project(${name ?? '…'} VERSION …)`);
}

function withoutCmakeComment(line: string): string {
  const hash = line.indexOf('#');
  return hash < 0 ? line : line.slice(0, hash);
}

function expand(value: string, variables: ReadonlyMap<string, string>): string {
  // Cut short, because a variable may hold twice another one, thirty times over.
  return value.replace(/\$\{([\w.-]+)\}/g, (whole, key: string) => variables.get(key) ?? whole).slice(0, MAX_LINE);
}
