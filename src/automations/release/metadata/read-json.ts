import { SignalboxError } from '../../../errors.ts';
import type { GivenFields } from './given-fields.ts';

/** A string of JSON, with its quotes. */
const STRING = /"(?:[^"\\]|\\.)*"/y;

/**
 * Reads a flat JSON object of texts into fields. Own eyes look for the names, because JSON.parse silently takes the last of
 * two equal ones.
 *
 * @throws SignalboxError SBX_REQUEST_INVALID when it is no JSON object at all
 */
export function readJsonFields(text: string, given: GivenFields, what: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new SignalboxError('SBX_REQUEST_INVALID', `${what} is not JSON`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SignalboxError('SBX_REQUEST_INVALID', `${what} is not a JSON object`);
  }
  const values = new Map(Object.entries(parsed));
  for (const field of namesOf(text)) {
    const value = values.get(field);
    if (typeof value === 'string') given.add(field, value);
    else given.fault(field, 'must be text: put it in double quotes');
  }
}

/** The names at the top level of a JSON object that is known to be well-formed, repetitions included. */
function namesOf(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let expectsName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      STRING.lastIndex = at;
      const found = STRING.exec(text)![0];
      if (depth === 1 && expectsName) names.push(JSON.parse(found) as string);
      expectsName = false;
      at += found.length - 1;
    } else if (character === '{' || character === '[') {
      depth++;
      expectsName = character === '{';
    } else if (character === '}' || character === ']') depth--;
    else if (character === ',') expectsName = true;
  }
  return names;
}
