import { badParameter } from './api-error.ts';
import type { Call } from './call.ts';

type Input = Record<string, unknown>;

/** Was the parameter sent at all? A `null` counts: that is how clients clear a field. */
export function has(input: Input, name: string): boolean {
  return input[name] !== undefined;
}

/** `{"error": "title is missing"}` for what is not there, `… is empty` for what must not be empty. */
export function demand(input: Input, ...names: string[]): void {
  const missing = names.filter(name => input[name] === undefined || input[name] === null);
  if (missing.length > 0) throw badParameter(missing.map(name => `${name} is missing`).join(', '));
}

/** A text, or null if absent or null. Numbers are taken as text, objects are not. */
export function text(input: Input, name: string): string | null {
  const value = input[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw badParameter(`${name} is invalid`);
}

export function requiredText(input: Input, name: string): string {
  demand(input, name);
  return text(input, name) ?? '';
}

export function integer(input: Input, name: string): number | null {
  const value = input[name];
  if (value === undefined || value === null || value === '') return null;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw badParameter(`${name} is invalid`);
  return number;
}

export function requiredInteger(input: Input, name: string): number {
  demand(input, name);
  const value = integer(input, name);
  if (value === null) throw badParameter(`${name} is invalid`);
  return value;
}

export function bool(input: Input, name: string): boolean | null {
  const value = input[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 't' || value === 'true' || value === 'on' || value === 'True')
    return true;
  if (value === 0 || value === '0' || value === 'f' || value === 'false' || value === 'off' || value === 'False')
    return false;
  throw badParameter(`${name} is invalid`);
}

/** One of some words: anything else is `… does not have a valid value`. */
export function oneOf<T extends string>(input: Input, name: string, allowed: readonly T[]): T | null {
  const value = text(input, name);
  if (value === null) return null;
  if (!allowed.includes(value as T)) throw badParameter(`${name} does not have a valid value`);
  return value as T;
}

/** `a,b`, `["a","b"]` or `name[]=a`: trimmed, without empty ones. null if absent. */
export function list(input: Input, name: string): string[] | null {
  const value = input[name];
  if (value === undefined || value === null) return null;
  const parts = Array.isArray(value)
    ? value.flatMap(part => String(part).split(','))
    : (text(input, name) ?? '').split(',');
  return parts.map(part => part.trim()).filter(part => part !== '');
}

export function integers(input: Input, name: string): number[] | null {
  const values = list(input, name);
  if (values === null) return null;
  return values.map(value => {
    if (!/^\d+$/.test(value)) throw badParameter(`${name} is invalid`);
    return Number(value);
  });
}

/** A date as milliseconds, for filters such as `updated_after`. */
export function time(input: Input, name: string): number | null {
  const value = text(input, name);
  if (value === null || value === '') return null;
  const parsed = Date.parse(value);
  if (Number.isNaN(parsed)) throw badParameter(`${name} is invalid`);
  return parsed;
}

export function record(input: Input, name: string): Record<string, unknown> | null {
  const value = input[name];
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** An iid or id from the path: `{"error": "issue_iid is invalid"}` unless it is a number. */
export function pathInteger(call: Call, name: string): number {
  const value = call.params[name] ?? '';
  if (!/^\d+$/.test(value)) throw badParameter(`${name} is invalid`);
  return Number(value);
}
