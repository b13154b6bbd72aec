import { goAssembler } from './go-assembler.ts';
import { kcsanAssembler } from './kcsan-assembler.ts';
import type { Assembler, RaceReport } from './report.ts';
import { tsanAssembler } from './tsan-assembler.ts';

/** What most lines complete; one array for all of them. */
const NONE: RaceReport[] = [];

/** Reads the reports of every detector out of one stream; a new detector is one more entry here and in the anchors. */
export function allAssemblers(): Assembler {
  const assemblers = [goAssembler(), tsanAssembler(), kcsanAssembler()];
  return {
    feed(line) {
      let found: RaceReport[] = NONE;
      for (const assembler of assemblers) {
        const reports = assembler.feed(line);
        if (reports.length > 0) found = [...found, ...reports];
      }
      return found;
    },
    isOpen: () => assemblers.some(assembler => assembler.isOpen()),
    finish: () => assemblers.flatMap(assembler => assembler.finish()),
    openSince: () => {
      const since = assemblers.map(assembler => assembler.openSince()).filter(offset => offset !== null);
      return since.length === 0 ? null : Math.min(...since);
    },
    unparsed: () => assemblers.reduce((sum, assembler) => sum + assembler.unparsed(), 0),
  };
}
