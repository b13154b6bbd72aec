import { cpus, loadavg } from 'node:os';
import { measureEscalation } from './measure.ts';

/** `node bench/escalation/run.ts [rounds]`: a ticket's copy beside the sequential script that such bridges usually are. Asserts no times. */
const rows = await measureEscalation(Number(process.argv[2] ?? 3));
console.log('| | Signalbox | sequential script | ratio | goal |\n|---|---|---|---|---|');
for (const { name, ours, peer, ratio, goal } of rows) {
  console.log(`| ${name} | ${ours.toFixed(2)} | ${peer?.toFixed(2) ?? ''} | ${ratio?.toFixed(2) ?? ''} | ${goal} |`);
}
console.log(
  `\n${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}.`,
);
