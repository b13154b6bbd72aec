import type { granted, RequestDetails } from './granted.ts';

export interface ManagerRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeout: number;
}

/** How a request ended that got no answer. */
export type NoAnswer = 'unreachable' | 'timeout';

/** What the script needs of its userscript manager, whichever that is. */
export interface Manager {
  request(request: ManagerRequest): Promise<{ status: number; text: string } | NoAnswer>;
  read(key: string): Promise<string>;
  /** An empty value is removed. */
  write(key: string, value: string): Promise<void>;
  /** Told when another tab has written; not every manager can. */
  onChange(key: string, changed: () => void): void;
  menu(caption: string, run: () => void): void;
}

/** Joins what the manager has; null where it cannot send requests or keep values at all. */
export function managerOf({ modern, legacy }: ReturnType<typeof granted>): Manager | null {
  const send = legacy.xmlhttpRequest ?? modern.xmlHttpRequest?.bind(modern);
  const canRead = modern.getValue !== undefined || legacy.getValue !== undefined;
  const canWrite = modern.setValue !== undefined || legacy.setValue !== undefined;
  if (send === undefined || !canRead || !canWrite) return null;
  return {
    request: ({ method, url, headers, body, timeout }) =>
      new Promise(resolve => {
        const details: RequestDetails = {
          method,
          url,
          headers,
          ...(body === undefined ? {} : { data: body }),
          timeout,
          anonymous: true,
          onload: ({ status, responseText }) => resolve({ status, text: responseText }),
          onerror: () => resolve('unreachable'),
          onabort: () => resolve('unreachable'),
          ontimeout: () => resolve('timeout'),
        };
        try {
          // Some managers give a promise besides, and reject it: the callbacks have said it already.
          const sent = send(details);
          if (sent instanceof Promise) sent.catch(() => resolve('unreachable'));
        } catch {
          resolve('unreachable');
        }
      }),
    read: async key => {
      const value = modern.getValue ? await modern.getValue(key, '') : legacy.getValue?.(key, '');
      return typeof value === 'string' ? value : '';
    },
    write: async (key, value) => {
      if (value === '' && modern.deleteValue) await modern.deleteValue(key);
      else if (value === '' && legacy.deleteValue) legacy.deleteValue(key);
      else if (modern.setValue) await modern.setValue(key, value);
      else legacy.setValue?.(key, value);
    },
    onChange: (key, changed) => void legacy.addValueChangeListener?.(key, changed),
    menu: (caption, run) => {
      const register = legacy.registerMenuCommand ?? modern.registerMenuCommand?.bind(modern);
      register?.(caption, run);
    },
  };
}
