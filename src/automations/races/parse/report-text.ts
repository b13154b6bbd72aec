import type { Access, Creation, Frame, RaceReport } from './report.ts';

/** Characters of a report that are kept; a report of a deep recursion is long, and nobody reads its middle. */
const LONGEST_TEXT = 256 * 1024;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function place({ file, line }: Frame): string {
  return `${file ?? '?'}${line === null ? '' : `:${line}`}`;
}

function goStack(stack: readonly Frame[]): string[] {
  return stack.flatMap(frame => [`  ${frame.func}()`, ...(frame.file === null ? [] : [`      ${place(frame)}`])]);
}

function tsanStack(stack: readonly Frame[]): string[] {
  return stack.map((frame, index) => `    #${index} ${frame.func} ${frame.file === null ? '<null>' : place(frame)}`);
}

function goAccess(access: Access): string[] {
  const kind = access.previous ? `Previous ${access.kind}` : capital(access.kind);
  const at = access.address === null ? '' : ` at ${access.address}`;
  const lost = access.lost ? ['  [failed to restore the stack]'] : [];
  return [
    `${kind}${at} by ${access.actor ?? '?'}:`,
    ...goStack(access.stack),
    ...lost,
    ...(access.elided ? ['  ...'] : []),
  ];
}

function goCreation({ actor, state, stack }: Creation): string[] {
  return [`${capital(actor)} (${state ?? '?'}) created at:`, ...goStack(stack)];
}

function goText(report: RaceReport): string[] {
  const sections = [...report.accesses.map(goAccess), ...report.creations.map(goCreation)];
  return ['WARNING: DATA RACE', ...sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]))];
}

function tsanText(report: RaceReport): string[] {
  const sections = [
    ...report.accesses.map(({ kind, previous, address, actor, stack }) => [
      `  ${previous ? `Previous ${kind}` : capital(kind)} at ${address ?? '?'} by ${actor ?? '?'}:`,
      ...tsanStack(stack),
    ]),
    ...(report.location === null ? [] : [[`  ${report.location}`]]),
    ...report.creations.map(({ actor, state, stack }) => [
      `  ${capital(actor)} (${state ?? '?'}) created at:`,
      ...tsanStack(stack),
    ]),
  ];
  return [`WARNING: ThreadSanitizer: ${report.type}`, ...sections.flatMap(section => [...section, ''])];
}

function kcsanText(report: RaceReport): string[] {
  const sections = report.accesses.map(({ kind, address, actor, stack }) => [
    `${kind} to ${address ?? '?'} by ${actor ?? '?'}:`,
    ...stack.map(({ func }) => ` ${func}`),
  ]);
  const type = report.type === 'data race' ? 'data-race' : report.type;
  return [`BUG: KCSAN: ${type} in ${report.named.join(' / ')}`, ...sections.flatMap(section => ['', ...section])];
}

/**
 * A report written anew from what was understood of it: nothing that stood between its lines can get into an issue,
 * and two boxes with different log formats report the same text.
 */
export function reportText(report: RaceReport): string {
  const text = { go: goText, tsan: tsanText, kcsan: kcsanText }[report.detector](report).join('\n');
  const dropped = report.droppedFrames > 0 ? `\n(${report.droppedFrames} more frames)` : '';
  return text.length <= LONGEST_TEXT ? `${text}${dropped}\n` : `${text.slice(0, LONGEST_TEXT)}\n…${dropped}\n`;
}
