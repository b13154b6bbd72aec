import { fromMarkdown } from 'mdast-util-from-markdown';

/** One thing that a reader of a page does, or sees. */
export type Step =
  /** Types a command; `goesOn` where the page says that it is left running (```sh background). */
  | { kind: 'command'; text: string; goesOn: boolean; at: string }
  /** Writes a file that the page shows: a program (a block that begins with #!), a configuration, cases. */
  | { kind: 'file'; what: 'program' | 'configuration' | 'cases'; text: string; at: string }
  /** Sees this on the screen. */
  | { kind: 'seen'; lines: string[]; at: string };

/** What stands in a page's blocks, from top to bottom. */
export function readSteps(name: string, markdown: string): Step[] {
  const steps: Step[] = [];
  for (const block of codeOf(fromMarkdown(markdown))) {
    const at = `${name}:${block.line}`;
    if (block.lang === 'sh' && block.text.startsWith('#!')) {
      steps.push({ kind: 'file', what: 'program', text: `${block.text}\n`, at });
    } else if (block.lang === 'sh') {
      const goesOn = block.meta === 'background';
      for (const text of commandsIn(block.text)) steps.push({ kind: 'command', text, goesOn, at });
    } else if (block.lang === 'yaml' && (block.meta === '' || block.meta === 'cases')) {
      const what = block.meta === 'cases' ? 'cases' : 'configuration';
      steps.push({ kind: 'file', what, text: block.text, at });
    } else if (block.lang === 'text') {
      steps.push({ kind: 'seen', lines: block.text.split('\n'), at });
    }
  }
  return steps;
}

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number];

function codeOf(node: Node): { lang: string; meta: string; text: string; line: number }[] {
  if (node.type === 'code') {
    return [{ lang: node.lang ?? '', meta: node.meta ?? '', text: node.value, line: node.position?.start.line ?? 0 }];
  }
  return 'children' in node ? node.children.flatMap(codeOf) : [];
}

/** The commands of a block: lines, with those joined that a `\`, a pipe or a quote leaves open; comments are left out. */
export function commandsIn(block: string): string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of block.split('\n')) {
    const text = open === '' ? line : `${open}\n${line}`;
    if (isOpen(text)) open = text;
    else {
      open = '';
      const command = text.trim();
      if (command !== '' && !command.startsWith('#')) commands.push(command);
    }
  }
  if (open !== '') throw new Error(`a quote or a line is left open: ${open}`);
  return commands;
}

function isOpen(text: string): boolean {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\\' && quote !== "'") {
      at++;
      if (at >= text.length - 1 && (text[at] ?? '\n') === '\n') return true;
    } else if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '#' && /\s/.test(text[at - 1] ?? '\n')) {
      // To the end of the line; a quote in a comment opens nothing.
      const end = text.indexOf('\n', at);
      if (end === -1) return false;
      at = end;
    }
  }
  return quote !== '' || /(?:\||&&)\s*$/.test(text);
}
