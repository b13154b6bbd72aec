import { z } from 'zod';
import { patternFault } from './match-pattern.ts';
import { parseValuePath } from './value-path.ts';

/** How to read a version out of a file. `detect` goes by the file's name. */
export type FileReading =
  | { as: 'detect' }
  | { as: 'pattern'; pattern: string }
  | { as: 'json' | 'toml' | 'yaml' | 'xml'; path: string }
  | { as: 'cmake' | 'go' | 'define'; name: string };

/** One place in which a version may be found. */
export type Extractor =
  | { from: 'file'; file: string; read: FileReading }
  | { from: 'branch'; pattern: string }
  | { from: 'tag'; pattern: string };

const READINGS = ['pattern', 'json', 'toml', 'yaml', 'xml', 'cmake', 'go', 'define'] as const;

/** Tags are asked for with this when the settings only say `tag: true`. */
const ANY_TAG = '^v?([0-9].*)$';

const pattern = z.string().superRefine((source, context) => {
  const fault = patternFault(source);
  if (fault !== undefined) context.addIssue(fault);
});

const valuePath = z.string().superRefine((path, context) => {
  if (parseValuePath(path) === undefined)
    context.addIssue('must be a path such as package.version, or a JSON pointer such as /packages/a.b');
});

const identifier = z.string().regex(/^[A-Za-z_][\w.-]*$/, 'must be a name as it stands in the source');

const fields = z.strictObject({
  file: z
    .string()
    .regex(
      /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\\]{1,1024}$/,
      'must be a path inside the repository, without / in front',
    )
    .optional()
    .describe(
      'A file in the repository. Alone, its name tells how to read it: package.json, pom.xml, VERSION and so on.',
    ),
  pattern: pattern
    .optional()
    .describe('With `file`: a regular expression, matched line by line; its first group is the version.'),
  json: valuePath
    .optional()
    .describe('With `file`: the path of the version in a JSON file: `version`, `app.version`, `/a.b/c`.'),
  toml: valuePath.optional().describe('With `file`: the path of the version in a TOML file.'),
  yaml: valuePath.optional().describe('With `file`: the path of the version in a YAML file.'),
  xml: z
    .string()
    .regex(
      /^(?:\/[^/\s@]+)+(?:\/@[^/\s@]+)?$/,
      'must be the full path of an element or attribute, such as /project/version',
    )
    .optional()
    .describe('With `file`: the full path of an element, or of an attribute (`/widget/@version`), in an XML file.'),
  cmake: identifier.optional().describe('With `file`: the name of the CMake project whose VERSION counts.'),
  go: identifier.optional().describe('With `file`: the name of a Go constant or variable.'),
  define: identifier
    .optional()
    .describe(
      'With `file`: the name of a C macro; NAME_MAJOR, NAME_MINOR and NAME_PATCH are put together if NAME is not there.',
    ),
  branch: pattern
    .optional()
    .describe("A regular expression on the branch's name; its first group is the version: `release/(.+)`."),
  tag: z
    .union([z.literal(true), pattern], {
      error: () => 'must be true, or a regular expression whose first group is the version',
    })
    .optional()
    .describe(
      'The highest version among the tags the commit contains: `true`, or a regular expression such as `^v(.+)$`. Costly, so put it last.',
    ),
});

type Fields = z.output<typeof fields>;

function toExtractor(given: Fields): Extractor {
  if (given.branch !== undefined) return { from: 'branch', pattern: given.branch };
  if (given.tag !== undefined) return { from: 'tag', pattern: given.tag === true ? ANY_TAG : given.tag };
  return { from: 'file', file: given.file ?? '', read: toReading(given) };
}

function toReading(given: Fields): FileReading {
  if (given.pattern !== undefined) return { as: 'pattern', pattern: given.pattern };
  for (const as of ['json', 'toml', 'yaml', 'xml'] as const) {
    const path = given[as];
    if (path !== undefined) return { as, path };
  }
  for (const as of ['cmake', 'go', 'define'] as const) {
    const name = given[as];
    if (name !== undefined) return { as, name };
  }
  return { as: 'detect' };
}

/** One entry of `version:` in the settings. */
export const extractorSettings = fields
  .superRefine(
    (given, context) => {
      if (typeof given !== 'object' || given === null) return;
      const origins = (['file', 'branch', 'tag'] as const).filter(key => given[key] !== undefined);
      const readings = READINGS.filter(key => given[key] !== undefined);
      if (origins.length !== 1) context.addIssue('must say exactly one of file, branch and tag');
      else if (readings.length > 0 && origins[0] !== 'file')
        context.addIssue(`cannot use ${readings.join(', ')} with ${origins[0]}: only a file is read that way`);
      else if (readings.length > 1) context.addIssue(`must say only one of ${readings.join(', ')}`);
    },
    { when: () => true },
  )
  .transform(toExtractor)
  .meta({ oneOf: [{ required: ['file'] }, { required: ['branch'] }, { required: ['tag'] }] });
