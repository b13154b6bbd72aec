import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../src/config/load-config.ts';
import { startService } from '../src/service/compose.ts';

/** The service as `serve` starts it, in the directory that it is given; no automation is on, so that only intake is measured. */
const directory = process.argv[2]!;
const secret = process.env['BENCH_SECRET']!;
await mkdir(directory, { recursive: true });
for (const name of ['token', 'hook']) await writeFile(join(directory, name), secret, { mode: 0o600 });
const file = join(directory, 'signalbox.yaml');
await writeFile(
  file,
  `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
gitlab:
  url: http://127.0.0.1:9
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
`,
);
const { settings } = await loadConfig(file, { environment: {} });
const service = await startService({ settings, environment: {}, logLevel: 'error' });
console.log(`port ${new URL(service.url).port}`);
process.on('SIGTERM', () => void service.stop().then(() => process.exit(0)));
