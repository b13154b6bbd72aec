import { z } from 'zod';
import { nearest } from './did-you-mean.ts';
import type { Path } from './parse-document.ts';

/** One fault, at a path into the document. `part` says whether the key or its value is to blame. */
export interface Finding {
  path: Path;
  part: 'value' | 'key';
  message: string;
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
};

/** Stands in for a message that is put together later, from parts that are not known while parsing. */
const LATER = '';

/**
 * The words for what the schema refuses. Given to `safeParse`, because only there is the schema at hand that knows the
 * keys; values are never repeated, since any of them may be a secret in the wrong place.
 */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return explainType(issue.expected, issue.input);
    case 'invalid_value':
      return explainChoice(issue.values.map(String), issue.input);
    case 'unrecognized_keys':
      return issue.keys.map(key => explainUnknownKey(key, issue.inst)).join('\n');
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_union':
    case 'invalid_key':
      return LATER;
    // The schema's own words.
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
      return undefined;
  }
}

function explainType(expected: string, input: unknown): string {
  const wanted = KINDS[expected] ?? expected;
  if (input === undefined) return `is missing: write ${wanted}`;
  if (input === null) return `is empty: write ${wanted}`;
  if (expected === 'string' && typeof input === 'number')
    return 'must be text, and this is a number: put it in quotes, because YAML reads 5.10 as 5.1';
  if ((expected === 'boolean' || expected === 'number') && typeof input === 'string')
    return `must be ${wanted}, without quotes`;
  const given = Array.isArray(input) ? 'a list' : (KINDS[typeof input] ?? typeof input);
  return given === wanted ? `must be ${wanted}` : `must be ${wanted}, not ${given}`;
}

function explainChoice(values: readonly string[], input: unknown): string {
  const meant = typeof input === 'string' ? nearest(input, values) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  const prefix = input === undefined ? 'is missing' : input === null ? 'is empty' : undefined;
  const choices = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
  return prefix === undefined ? `must be ${choices}${hint}` : `${prefix}: write ${choices}`;
}

function explainUnknownKey(key: string, schema: unknown): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const meant = nearest(key, known);
  return meant === undefined
    ? `is not known here; known are ${known.join(', ')}`
    : `is not known here; did you mean ${meant}?`;
}

/** Takes nested issues apart, so that every finding has one path and one message. */
export function toFindings(issues: readonly z.core.$ZodIssue[], parent: Path = []): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = [...parent, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...path, key], part: 'key', message: messages[index] ?? '' }));
    }
    if (issue.code === 'invalid_key') return [{ path, part: 'key', message: issue.issues[0]?.message ?? '' }];
    if (issue.code === 'invalid_union' && issue.message === LATER) {
      // The alternative of the right kind is the one that was meant: it complains about parts, not about the whole.
      const meant = issue.errors.find(errors =>
        errors.every(each => each.path.length > 0 || each.code === 'unrecognized_keys'),
      );
      return meant === undefined
        ? [{ path, part: 'value', message: 'has none of the allowed forms' }]
        : toFindings(meant, path);
    }
    return [{ path, part: 'value', message: issue.message }];
  });
}

/** `version_check.projects["acme/appliance"].version[0]` */
export function showPath(path: Path): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const key = String(segment);
      if (!/^[A-Za-z_][\w-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}
