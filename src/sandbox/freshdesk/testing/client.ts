import type { SimulatedFreshdesk } from '../start-freshdesk.ts';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
  body: any;
  text: string;
  headers: Headers;
}

/** Calls the simulated Freshdesk in tests: paths below `/api/v2`, or `/_sandbox/…`. */
export function clientOf(freshdesk: Pick<SimulatedFreshdesk, 'url'>, apiKey = 'sandbox') {
  return async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${freshdesk.url}${path.startsWith('/_sandbox') ? '' : '/api/v2'}${path}`, {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from(`${apiKey}:X`).toString('base64')}`,
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text), text, headers: response.headers };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
