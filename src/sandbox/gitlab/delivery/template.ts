import type { HookRecord } from '../state/records.ts';

/** A custom webhook template replaces the whole body: `{{ object_attributes.iid }}` takes a value out of the event. */
export function fillTemplate(hook: HookRecord, payload: Record<string, unknown>): string {
  if (hook.customTemplate === null || hook.customTemplate === '') return JSON.stringify(payload);
  return hook.customTemplate.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_match, path: string) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], payload);
    if (value === undefined || value === null) return '';
    const json = JSON.stringify(value);
    return typeof value === 'string' ? json.slice(1, -1) : json;
  });
}
