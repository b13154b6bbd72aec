import { renderRows } from '../row.ts';
import { benchTags } from './bench-tags.ts';

/** `npm run bench:tags [-- --quick]`. */
const quick = process.argv.includes('--quick');
console.log(renderRows(await benchTags({ quick, say: line => console.error(line) })));
