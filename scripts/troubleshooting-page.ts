import { REMEDIES } from '../src/cli/doctor/remedies.ts';
import { ERRORS, type ErrorCode, isPassing, SignalboxError } from '../src/errors.ts';

/** docs/troubleshooting.md with what the code knows, between its markers; the rest is written by hand. */
export function troubleshootingPage(page: string): string {
  return between(between(page, 'doctor', doctorTable()), 'passing', passingErrors());
}

function doctorTable(): string {
  const rows = Object.values(REMEDIES).map(
    ({ line, wrong, remedy }) => `| \`${line}\` | ${wrong} | ${remedy.replaceAll(/\{(\w+)\}/g, '*$1*')} |`,
  );
  return ['| line | what is wrong | what to do |', '|---|---|---|', ...rows].join('\n');
}

/** Errors whose cause lies elsewhere and goes away by itself. */
function passingErrors(): string {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(code => isPassing(new SignalboxError(code, '')));
  return codes.map(code => `- [${code}](errors.md#${code.toLowerCase()}): ${ERRORS[code].title}`).join('\n');
}

function between(page: string, name: string, text: string): string {
  const [before, rest] = page.split(`<!-- ${name} -->\n`);
  const [, after] = rest?.split(`<!-- /${name} -->`) ?? [];
  if (before === undefined || after === undefined) throw new Error(`docs/troubleshooting.md has no place for ${name}`);
  return `${before}<!-- ${name} -->\n${text}\n<!-- /${name} -->${after}`;
}
