import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The floor: node:http that reads each body and throws it away. */
const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.setHeader('Content-Length', 0);
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`));
