import { readCommandLine } from '../scripts/command-line.ts';
import { printAccuracy } from './races/accuracy.ts';
import { measureSpeed } from './races/speed.ts';
import { renderRows } from './row.ts';

readCommandLine(
  'npm run bench:races\n\nAre races told apart, and how fast are logs searched? Exit code 1 when a goal is missed.',
  {},
);
const accurate = await printAccuracy();
const rows = measureSpeed();
console.log(renderRows(rows));
if (!accurate || rows.some(({ reached }) => reached === false)) process.exitCode = 1;
