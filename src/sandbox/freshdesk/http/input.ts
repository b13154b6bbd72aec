import { type FieldError, validationFailed } from './api-error.ts';
import type { Call } from './call.ts';

type Kind = 'String' | 'Positive Integer' | 'Boolean' | 'Array' | 'Key/Value Pair';

/** Checks a body field by field and throws all that is wrong at once, as Freshdesk lists it. */
export function checkInput(call: Call, known: Record<string, Kind>, required: string[] = []): void {
  const errors: FieldError[] = [];
  for (const field of required) {
    if (call.input[field] === undefined || call.input[field] === null || call.input[field] === '')
      errors.push({ field, message: 'It should be a/an String', code: 'missing_field' });
  }
  for (const [field, value] of Object.entries(call.input)) {
    const kind = known[field];
    if (kind === undefined)
      errors.push({ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' });
    else if (value !== null && !fits(value, kind, call.form))
      errors.push({ field, message: `It should be a/an ${kind}`, code: 'datatype_mismatch' });
  }
  if (errors.length > 0) throw validationFailed(errors);
}

function fits(value: unknown, kind: Kind, form: boolean): boolean {
  switch (kind) {
    case 'String':
      return typeof value === 'string';
    case 'Array':
      return Array.isArray(value) && value.every(item => typeof item === 'string');
    case 'Key/Value Pair':
      return typeof value === 'object' && !Array.isArray(value);
    case 'Boolean':
      return typeof value === 'boolean' || (form && (value === 'true' || value === 'false'));
    case 'Positive Integer':
      return Number.isInteger(form ? Number(value) : value) && Number(value) > 0;
  }
}

export function text(call: Call, field: string): string | undefined {
  const value = call.input[field];
  return typeof value === 'string' ? value : undefined;
}

export function flag(call: Call, field: string): boolean | undefined {
  const value = call.input[field];
  return value === undefined || value === null ? undefined : value === true || value === 'true';
}

/** Undefined = not given, null = to be emptied. */
export function integer(call: Call, field: string): number | null | undefined {
  const value = call.input[field];
  return value === undefined || value === null ? value : Number(value);
}

export function texts(call: Call, field: string): string[] | undefined {
  const value = call.input[field];
  return Array.isArray(value) ? value.map(String) : undefined;
}
