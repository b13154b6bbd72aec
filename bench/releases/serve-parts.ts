/**
 * What bounds an upload, without the service around it: `/discard` reads the body and no more, `/md5` writes and hashes it
 * through the ring with MD5 alone.
 */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ArtifactWriter } from '../../src/automations/release/receive/artifact-writer.ts';
import { pump } from '../../src/automations/release/receive/pump.ts';
import { Ring } from '../../src/automations/release/receive/ring.ts';

const directory = process.argv[2]!;
const ring = new Ring(['md5']);
let uploads = 0;

const server = createServer((request, response) => {
  void (async () => {
    if (request.url === '/discard') {
      for await (const _chunk of request);
      response.end('done\n');
      return;
    }
    const file = join(directory, `part-${uploads++}`);
    const writer = await ArtifactWriter.create(file, { ring: () => ring, maxSize: 2 ** 50, direct: true });
    await pump(request, writer, { idle: 30_000, minRate: 1, signal: new AbortController().signal });
    const { md5 } = await writer.finish();
    response.statusCode = md5 === request.headers['x-checksum-md5'] ? 200 : 400;
    response.end('done\n');
    await rm(file);
  })();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) console.log(address.port);
});
