import { appendFileSync } from 'node:fs';
import { scanPaths } from '../scan/scan-paths.ts';

/** Scans as a box does, for the test that kills it: each sighting is handed on before the next one is asked for. */
async function main(): Promise<void> {
  const [state = '', output = '', ...paths] = process.argv.slice(2);
  // What a killed run left of its last line ends here.
  appendFileSync(output, '\n');
  for await (const { text: _text, report: _report, ...sighting } of scanPaths(paths, { state, settleMs: 0 })) {
    appendFileSync(output, `${JSON.stringify(sighting)}\n`);
  }
}

await main();
