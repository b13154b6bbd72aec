import { readCommandLine } from '../../scripts/command-line.ts';
import { renderRows } from '../row.ts';
import { benchTags } from './bench-tags.ts';

const usage = `npm run bench:tags -- [--quick]

How long \`signalbox tag\` takes among 100, 5,000 and 50,000 tags, beside others.`;
const { quick } = readCommandLine(usage, { quick: { type: 'boolean', default: false } }).values;
console.log(renderRows(await benchTags({ quick, say: line => console.error(line) })));
