import type { HttpAnswer, HttpExchange, Send } from './send.ts';

/** A repository on a server, and how it is asked. A plain record: nothing is open between two requests. */
export interface Remote {
  /** `https://gitlab.example.com/acme/lib-ssh.git`, without credentials. */
  url: string;
  /** The whole `authorization` header; never in an error, a log or an address. */
  authorization: string | null;
  /** `sha256` repositories name objects with 64 digits. */
  objectFormat: 'sha1' | 'sha256';
  /** For the whole of one request, in milliseconds. */
  timeout: number;
  /** Carries requests; `sendByUndici` unless a test or a small command line brings another. */
  send: Send;
  limits: Limits;
}

/** How much one answer may hold before it is given up, in bytes; a hostile or huge repository must not fill the memory. */
export interface Limits {
  /** One object, unpacked. */
  objectBytes: number;
  /** All objects that are kept of one answer, unpacked. */
  keptBytes: number;
  /** A list of references. */
  refBytes: number;
}

export interface RemoteOptions {
  url: string;
  /** GitLab takes any user name with a personal, project or group token, and `gitlab-ci-token` with a job token. */
  credentials?: { user: string; token: string };
  objectFormat?: 'sha1' | 'sha256';
  timeout?: number;
  send?: Send;
  limits?: Partial<Limits>;
}

const MIB = 1024 * 1024;

/**
 * Describes a remote. Credentials inside the URL are taken out of it and sent as a header, as git does it.
 *
 * @throws TypeError when the URL is not an http(s) URL
 */
export function describeRemote(options: RemoteOptions): Remote {
  const url = URL.parse(options.url);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TypeError('a git remote needs an http or https URL');
  const user = options.credentials?.user ?? decodeURIComponent(url.username);
  const token = options.credentials?.token ?? decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return {
    url: url.href.replace(/\/+$/, ''),
    authorization: token === '' ? null : `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
    objectFormat: options.objectFormat ?? 'sha1',
    timeout: options.timeout ?? 30_000,
    send: options.send ?? sendLater,
    limits: { objectBytes: 64 * MIB, keptBytes: 64 * MIB, refBytes: 128 * MIB, ...options.limits },
  };
}

/** undici takes longer to load than a whole tag takes to make, so it is loaded by whoever really sends with it. */
export async function sendLater(exchange: HttpExchange): Promise<HttpAnswer> {
  const { sendByUndici } = await import('./send-by-undici.ts');
  return sendByUndici(exchange);
}
