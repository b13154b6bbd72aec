import { ERRORS } from './errors.ts';

/** docs/errors.md: every coded error, and what to do about it. */
export function errorReference(): string {
  const sections = Object.entries(ERRORS).map(
    ([code, { status, title, remedy }]) => `## ${code}\n\n**${title}** (HTTP ${status}).\n\n${remedy}\n`,
  );
  return `# Errors\n\nWritten from the tables in \`src/errors/\` by \`npm run docs\`.\n\n${sections.join('\n')}`;
}
