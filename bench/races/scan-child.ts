import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { scanPaths } from '../../src/automations/races/scan/scan-paths.ts';

/** One measured run in a process of its own: prints what it found, its time and its peak memory as JSON. */
async function main(): Promise<void> {
  const [way = '', path = ''] = process.argv.slice(2);
  const started = performance.now();
  let reports = 0;
  let frames = 0;
  if (way === 'readline') {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.includes('WARNING: DATA RACE')) reports++;
    }
  } else {
    for await (const { report } of scanPaths([path])) {
      reports++;
      frames += report.droppedFrames + report.accesses.reduce((sum, { stack }) => sum + stack.length, 0);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ reports, frames, seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
}

await main();
