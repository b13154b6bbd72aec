import { visibleCode } from './characters.ts';
import { longestRun } from './code-span-source.ts';
import { asMarkdown, type Markdown } from './markdown.ts';

/** Languages that only colour. GitLab executes others (`mermaid`, `plantuml`, `math`, `glql`, `json:table`, `suggestion`). */
export const CODE_LANGUAGES = [
  'text',
  'diff',
  'go',
  'ini',
  'javascript',
  'json',
  'shell',
  'sql',
  'toml',
  'typescript',
  'xml',
  'yaml',
] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

/**
 * Untrusted text as a fenced code block that nothing in it can end; lines and indentation are kept, control and
 * invisible characters become visible. Also for the body of `details`. The language is one of ours, never the text's.
 */
export function codeBlock(text: string, options: { language?: CodeLanguage } = {}): Markdown {
  const content = visibleCode(text).replace(/\n$/, '');
  const fence = '`'.repeat(Math.max(3, longestRun(content, '`') + 1));
  // Looked up rather than pasted: a language that came around the type (from JSON, say) must not reach GitLab.
  const language = CODE_LANGUAGES.find(known => known === options.language) ?? '';
  return asMarkdown(`${fence}${language}\n${content}\n${fence}`);
}
