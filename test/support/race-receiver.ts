import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A report as it came over the wire. */
export interface ReceivedReport {
  id: string;
  text: string;
  count: number;
  first_seen: string;
  last_seen: string;
  log: string;
  build?: string;
}

export interface ReceivedBody {
  source?: string;
  host: string;
  reports: ReceivedReport[];
  heartbeat?: { build?: string; race?: boolean; started_at?: string };
}

/** What a fault does with a request; `store` first takes it in. Returns true when it has answered (or hung up). */
export type Fault = (
  request: IncomingMessage,
  response: ServerResponse,
  body: ReceivedBody,
  store: () => void,
) => boolean;

/** A stand-in for the service that counts each report by its id, as the service does. */
export interface RaceReceiver {
  url: string;
  /** Reports by source and id. */
  stored: Map<string, ReceivedReport>;
  bodies: ReceivedBody[];
  tokens: Set<string | undefined>;
  /** Applied to the next requests, one each. */
  faults: Fault[];
  close(): Promise<void>;
}

export async function receiveRaces(): Promise<RaceReceiver> {
  const stored = new Map<string, ReceivedReport>();
  const bodies: ReceivedBody[] = [];
  const tokens = new Set<string | undefined>();
  const faults: Fault[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ReceivedBody;
      const store = (): void => {
        for (const report of body.reports) {
          const key = `${body.source} ${report.id}`;
          const known = stored.get(key);
          if (known !== undefined && known.text !== report.text)
            throw new Error(`two reports have the id ${report.id}`);
          stored.set(key, report);
        }
      };
      bodies.push(body);
      tokens.add(request.headers.authorization);
      if (faults.shift()?.(request, response, body, store)) return;
      if (request.url !== '/v1/races' || request.method !== 'POST') {
        response.writeHead(404).end();
        return;
      }
      store();
      response.writeHead(202, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored,
    bodies,
    tokens,
    faults,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a status. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): Fault {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
}

/** Takes the reports in, and then the connection breaks. */
export const loseAnswer: Fault = (request, _response, _body, store) => {
  store();
  request.socket.destroy();
  return true;
};
