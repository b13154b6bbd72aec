import { type Extraction, missed, toExtraction } from './extraction.ts';
import { matchPattern } from './match-pattern.ts';
import { readCmake, readDefine, readGoConst } from './read-source.ts';
import { type DataFormat, fromValue, type Lookup, openData } from './read-structured.ts';

/** Where well-known files keep their version, by file name; the first entry that fits a path is used. */
type Reader = (text: string) => Extraction;

const READERS: readonly (readonly [path: RegExp, read: Reader])[] = [
  [/(^|\/)\.release-please-manifest\.json$/, releasePleaseManifest],
  [/(^|\/)(package|composer|deno|version|manifest|lerna|plugin)\.json$/i, data('json', [['version']])],
  [
    /(^|\/)Cargo\.toml$/,
    data('toml', [
      ['package', 'version'],
      ['workspace', 'package', 'version'],
    ]),
  ],
  [
    /(^|\/)pyproject\.toml$/,
    data('toml', [
      ['project', 'version'],
      ['tool', 'poetry', 'version'],
    ]),
  ],
  [/(^|\/)pom\.xml$/, pom],
  [/\.(cs|fs|vb)proj$|(^|\/)Directory\.Build\.props$/i, pattern('<(?:Version|VersionPrefix)>\\s*([^<]+?)\\s*</')],
  [/(^|\/)GitVersion\.ya?ml$/i, data('yaml', [['next-version']])],
  [/(^|\/)(Chart|pubspec|galaxy|snapcraft)\.ya?ml$/, data('yaml', [['version']])],
  [/(^|\/)gradle\.properties$/, pattern('^\\s*(?:version|VERSION_NAME|projectVersion)\\s*[=:]\\s*(\\S+)\\s*$')],
  [/(^|\/)build\.gradle(\.kts)?$/, pattern('^version\\s*=?\\s*["\']([^"\']+)["\']')],
  [/(^|\/)setup\.cfg$/, pattern('^version\\s*[=:]\\s*(\\S+)\\s*$')],
  [/(^|\/)debian\/changelog$/, debianChangelog],
  [/(^|\/)CMakeLists\.txt$|\.cmake$/, text => readCmake(text, undefined)],
  [/(^|\/)configure\.ac$/, pattern('^AC_INIT\\(\\s*\\[[^\\]]*\\]\\s*,\\s*\\[([^\\]]+)\\]')],
  [/\.go$/, text => readGoConst(text, undefined)],
  [/\.(h|hh|hpp|hxx|c|cc|cpp|in)$/i, text => readDefine(text, undefined)],
  [/\.py$/, pattern('^(?:__version__|VERSION|version)\\s*(?::\\s*str\\s*)?=\\s*["\']([^"\']+)["\']')],
  [/\.rb$/, pattern('^\\s*VERSION\\s*=\\s*["\']([^"\']+)["\']')],
];

/** Reads a file the way its name suggests; a name that says nothing means a plain file such as VERSION. */
export function readByName(path: string, text: string): Extraction {
  const read = READERS.find(([name]) => name.test(path))?.[1] ?? plainFile;
  return read(text);
}

/** The first line that is neither blank nor a comment is the version. */
function plainFile(text: string): Extraction {
  const line = text.split(/\r\n|\n|\r/).find(each => !/^\s*(#|$)/.test(each));
  return line === undefined ? missed('no-match', 'the file is empty') : toExtraction(line);
}

/** Several places, in order: the first at which anything stands is the version. */
function data(format: DataFormat, paths: readonly string[][]): Reader {
  return text => {
    const opened = openData(format, text);
    if (!opened.ok) return opened;
    const { lookup } = opened;
    // An object is Cargo's `version.workspace = true`: it points on to the next place.
    const path = paths.find(each => typeof lookup(each) === 'string') ?? paths.find(each => lookup(each) !== undefined);
    return path === undefined
      ? missed('no-match', `there is nothing at ${paths.map(each => each.join('.')).join(' or ')}`)
      : fromValue(lookup(path), path.join('.'));
  };
}

function pattern(source: string): Reader {
  return text => {
    const match = matchPattern(source, text);
    return match.ok ? toExtraction(match.group) : missed('no-match', 'no line holds a version');
  };
}

/** The root package, or the only one. */
function releasePleaseManifest(text: string): Extraction {
  const opened = openData('json', text);
  if (!opened.ok) return opened;
  const { lookup } = opened;
  const root = lookup(['.']);
  if (root !== undefined) return fromValue(root, '"."');
  const packages = Object.keys(JSON.parse(text) as object);
  const [only] = packages;
  return only !== undefined && packages.length === 1
    ? fromValue(lookup([only]), `"${only}"`)
    : missed('no-match', `the manifest has ${packages.length} packages and none is ".": name one, as json: /path`);
}

/** `/project/version` and never the parent's; `${revision}` and its like from the file's own properties. */
function pom(text: string): Extraction {
  const opened = openData('xml', text);
  if (!opened.ok) return opened;
  const { lookup } = opened;
  const version = lookup(['project', 'version']);
  if (typeof version !== 'string')
    return missed('no-match', "there is no /project/version (the parent's does not count)");
  return toExtraction(
    version.slice(0, 1000).replace(/\$\{([\w.-]{1,100})\}/g, (whole, key: string) => property(lookup, key) ?? whole),
  );
}

function property(lookup: Lookup, key: string): string | undefined {
  const value = lookup(['project', 'properties', key]);
  return typeof value === 'string' ? value : undefined;
}

/** `signalbox (1:5.3.1-2) unstable; urgency=medium`: the upstream version, without epoch. */
function debianChangelog(text: string): Extraction {
  const first = text.split('\n', 1)[0] ?? '';
  const version = /^\S{1,100} \((?:\d{1,9}:)?([^()\s]{1,128})\)/.exec(first)?.[1];
  return version === undefined ? missed('no-match', 'the first line is not a changelog entry') : toExtraction(version);
}
