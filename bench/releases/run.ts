import { cpus, loadavg } from 'node:os';
import { readCommandLine } from '../../scripts/command-line.ts';
import { renderRows } from '../row.ts';
import { benchReleases } from './bench-releases.ts';

const usage = `npm run bench:releases -- [MIB [ROUNDS]]

How long a file of so many MiB takes to be taken in, client included, beside others; 1024 MiB and 3 rounds unless told.`;
const { positionals, whole } = readCommandLine(usage, {}, 2);
const rows = await benchReleases({
  mib: whole('MIB', positionals[0], 1024),
  rounds: whole('ROUNDS', positionals[1], 3),
  say: line => console.error(line),
});
const load = loadavg().map(each => each.toFixed(1));
console.log(renderRows(rows));
console.log(`\n${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load.join(' ')}`);
