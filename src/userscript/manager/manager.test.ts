import { describe, expect, it } from 'vitest';
import type { Legacy, Modern, RequestDetails } from './granted.ts';
import { managerOf } from './manager.ts';

const NO_LEGACY: Legacy = {
  xmlhttpRequest: undefined,
  getValue: undefined,
  setValue: undefined,
  deleteValue: undefined,
  addValueChangeListener: undefined,
  registerMenuCommand: undefined,
};

const REQUEST = { method: 'GET', url: 'https://signalbox.example.com/', headers: {}, timeout: 1 } as const;

function legacy(send: (details: RequestDetails) => unknown): { manager: Legacy; values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    manager: {
      ...NO_LEGACY,
      xmlhttpRequest: send,
      getValue: (key, otherwise) => values.get(key) ?? otherwise,
      setValue: (key, value) => void values.set(key, value),
    },
  };
}

describe('a manager', () => {
  it('is none without requests, or without a place to keep values', () => {
    expect(managerOf({ modern: {}, legacy: NO_LEGACY })).toBeNull();
    const { manager } = legacy(() => {});
    expect(managerOf({ modern: {}, legacy: { ...manager, getValue: undefined } })).toBeNull();
    expect(managerOf({ modern: {}, legacy: { ...manager, xmlhttpRequest: undefined } })).toBeNull();
  });

  it('of the old form is enough', async () => {
    const { manager, values } = legacy(details => details.onload({ status: 200, responseText: 'yes' }));
    const found = managerOf({ modern: {}, legacy: manager })!;
    expect(await found.request(REQUEST)).toEqual({ status: 200, text: 'yes' });
    await found.write('token', 'secret');
    expect(await found.read('token')).toBe('secret');
    await found.write('token', '');
    expect([...values.values()].filter(value => value !== '')).toEqual([]);
    found.menu('nobody takes it', () => {});
    found.onChange('token', () => {});
  });

  it('of the new form is enough, whether it answers by callbacks or rejects besides', async () => {
    const values = new Map<string, string>();
    const modern: Modern = {
      xmlHttpRequest: details => {
        details.onerror();
        return Promise.reject(new Error('besides'));
      },
      getValue: async (key, otherwise) => values.get(key) ?? otherwise,
      setValue: async (key, value) => void values.set(key, value),
      deleteValue: async key => void values.delete(key),
    };
    const found = managerOf({ modern, legacy: NO_LEGACY })!;
    expect(await found.request(REQUEST)).toBe('unreachable');
    await found.write('token', 'secret');
    expect(await found.read('token')).toBe('secret');
    await found.write('token', '');
    expect(values.size).toBe(0);
  });

  it('that throws, aborts or times out gives no answer, and says which', async () => {
    const outcome = (send: (details: RequestDetails) => unknown) =>
      managerOf({ modern: {}, legacy: legacy(send).manager })!.request(REQUEST);
    const thrown = () => {
      throw new Error('refused by the manager');
    };
    expect(await outcome(thrown)).toBe('unreachable');
    expect(await outcome(details => details.onabort())).toBe('unreachable');
    expect(await outcome(details => details.ontimeout())).toBe('timeout');
  });

  it('is asked for no cookies', async () => {
    let asked: RequestDetails | undefined;
    const { manager } = legacy(details => {
      asked = details;
      details.onload({ status: 204, responseText: '' });
    });
    await managerOf({ modern: {}, legacy: manager })!.request(REQUEST);
    expect(asked?.anonymous).toBe(true);
  });
});
