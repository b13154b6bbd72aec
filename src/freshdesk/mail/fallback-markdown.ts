/** Any text as a code block that nothing in it can end. */
export function fallbackMarkdown(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${text.replace(/\r\n?/g, '\n')}\n${fence}`;
}
