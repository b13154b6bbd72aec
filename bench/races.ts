import { printAccuracy } from './races/accuracy.ts';
import { measureSpeed } from './races/speed.ts';

/** `npm run bench:races`: are races told apart, and how fast are logs searched? Exits with 1 when a goal is missed. */
const reached = [await printAccuracy(), measureSpeed()];
if (reached.includes(false)) process.exitCode = 1;
