import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A load balancer as simple as can be: each connection goes to the next process that takes it. */
export interface Balancer {
  url: string;
  close(): Promise<void>;
}

export async function balance(urls: readonly string[]): Promise<Balancer> {
  const ports = urls.map(url => Number(new URL(url).port));
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer(client => {
    sockets.add(client);
    client.on('error', () => undefined).on('close', () => sockets.delete(client));
    pass(client, ports.length);
  });

  function pass(client: Socket, left: number): void {
    if (left === 0) {
      client.destroy();
      return;
    }
    const upstream = connect(ports[turn++ % ports.length]!, '127.0.0.1');
    upstream.once('error', () => pass(client, left - 1));
    upstream.once('connect', () => {
      upstream.removeAllListeners('error').on('error', () => client.destroy());
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
    });
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
