import { goAssembler } from './go-assembler.ts';
import { kcsanAssembler } from './kcsan-assembler.ts';
import type { Assembler } from './report.ts';
import { tsanAssembler } from './tsan-assembler.ts';

/** Reads the reports of every detector out of one stream; a new detector is one more entry here and in the anchors. */
export function allAssemblers(): Assembler {
  const assemblers = [goAssembler(), tsanAssembler(), kcsanAssembler()];
  return {
    feed: line => assemblers.flatMap(assembler => assembler.feed(line)),
    finish: () => assemblers.flatMap(assembler => assembler.finish()),
    openSince: () => {
      const since = assemblers.map(assembler => assembler.openSince()).filter(offset => offset !== null);
      return since.length === 0 ? null : Math.min(...since);
    },
    unparsed: () => assemblers.reduce((sum, assembler) => sum + assembler.unparsed(), 0),
  };
}
