import { cpus, loadavg } from 'node:os';
import { renderRows } from '../row.ts';
import { benchReleases } from './bench-releases.ts';

/** `npm run bench:releases [-- MiB rounds]`. */
const rows = await benchReleases({
  mib: Number(process.argv[2] ?? 1024),
  rounds: Number(process.argv[3] ?? 3),
  say: line => console.error(line),
});
const load = loadavg().map(each => each.toFixed(1));
console.log(renderRows(rows));
console.log(`\n${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load.join(' ')}`);
