/** One request a simulator received. `status` is null while it is under way, 0 when its connection was cut on purpose. */
export interface LoggedRequest {
  id: number;
  at: string;
  method: string;
  path: string;
  /** Path and query as they came. */
  url: string;
  /** Without secrets. */
  headers: Record<string, string>;
  /** Parsed if it was JSON or a form, else the first bytes as text. */
  body: unknown;
  user: string | null;
  status: number | null;
  fault: string | null;
}

const KEEP = 20_000;
const SECRET = /^(authorization|private-token|job-token|cookie)$/;

/** Every request in the order of arrival, the newest 20,000. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #nextId = 1;

  start(method: string, url: string, headers: NodeJS.Dict<string | string[]>): LoggedRequest {
    const kept: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && !SECRET.test(name)) kept[name] = String(value);
    }
    const entry: LoggedRequest = {
      id: this.#nextId++,
      at: new Date().toISOString(),
      method,
      path: url.split('?')[0] ?? url,
      url,
      headers: kept,
      body: null,
      user: null,
      status: null,
      fault: null,
    };
    this.#entries.push(entry);
    if (this.#entries.length > KEEP * 1.1) this.#entries = this.#entries.slice(-KEEP);
    return entry;
  }

  /** In order; `after` an id, of a method, with a path that contains a text. */
  list(filter: { method?: string | null; path?: string | null; after?: number } = {}): LoggedRequest[] {
    return this.#entries.filter(
      entry =>
        (filter.method === undefined || filter.method === null || entry.method === filter.method.toUpperCase()) &&
        (filter.path === undefined || filter.path === null || entry.path.includes(filter.path)) &&
        entry.id > (filter.after ?? 0),
    );
  }

  clear(): void {
    this.#entries = [];
  }
}
