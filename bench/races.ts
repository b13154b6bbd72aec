import { printAccuracy } from './races/accuracy.ts';
import { measureSpeed } from './races/speed.ts';
import { renderRows } from './row.ts';

/** `npm run bench:races`: are races told apart, and how fast are logs searched? Exits with 1 when a goal is missed. */
const accurate = await printAccuracy();
const rows = measureSpeed();
console.log(renderRows(rows));
if (!accurate || rows.some(({ reached }) => reached === false)) process.exitCode = 1;
