import type { Nodes, Parents, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/**
 * For tests only: a second reading, sharing nothing with the code under test, of what GitLab would find alive in a text.
 * It parses with micromark (another parser than ours), rebuilds the text nodes that GitLab's filters see, and applies
 * the rules of facts/escalation.md, part B, as observed by those who write references, not by those who break them.
 */
export interface Reading {
  /** What a reader sees; a hard break is `\n`, blocks are parted by an empty line. */
  rendered: string;
  /** Everything alive, as `rule: text`. Empty is what we want. */
  alive: string[];
  /** Types of Markdown nodes met, for who wants to allow only some. */
  nodes: Set<string>;
}

const SPLIT_BY_ESCAPE = '$%#&@!~^';

/** Rules over one text node, each written from GitLab's own patterns. */
const TEXT_RULES: Record<string, RegExp> = {
  mention: /(?<!\w)@[A-Za-z0-9_.-]/,
  'issue, merge request, epic, snippet': /[#!&$]\d/,
  milestone: /%["\w{]/,
  label: /~["\w]/,
  alert: /\^alert#/i,
  'bracket reference': /\[(?:issue|work_item|epic|feature_flag|vulnerability|contact|milestone|iteration):/i,
  iteration: /\*iteration:/i,
  commit: /[0-9a-f]{7,40}/i,
  'external issue': /\b[A-Z][A-Z0-9_]*-\d+/,
  'own issue': /GL-\d/,
  project: /[\w.-]+>/,
  address: /[a-z][a-z0-9+.-]*:\/\/|\bwww\./i,
  emoji: /(?<![\p{L}\p{N}:]):[\w+-]+:(?![\p{L}\p{N}:])/u,
  'inline difference': /\{[+-].*?[+-]\}|\[[+-].*?[+-]\]/s,
  'table of contents': /^\s*(?:\[toc\]|\[\[_toc_\]\])\s*$/i,
  math: /\$[^$]+\$/,
};

/** Reads Markdown as GitLab would store and render it. */
export function readAsGitLab(markdown: string): Reading {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const reading: Reading = { rendered: rendered(tree).trimEnd(), alive: [], nodes: new Set() };
  visit(tree, markdown, reading);
  reading.alive.push(...quickActions(tree, markdown), ...sourceRules(markdown, tree));
  return reading;
}

/** Rules over one text that is no Markdown, such as a title or a piece of HTML: there is no math in those. */
export function aliveInPlainText(text: string): string[] {
  return rulesOn(text).filter(each => !each.startsWith('math: '));
}

function rulesOn(text: string): string[] {
  return Object.entries(TEXT_RULES).flatMap(([rule, pattern]) => (pattern.test(text) ? [`${rule}: ${text}`] : []));
}

function visit(node: Nodes, source: string, reading: Reading): void {
  reading.nodes.add(node.type);
  if (node.type === 'html') reading.alive.push(`html: ${node.value}`);
  if (['link', 'image', 'linkReference', 'imageReference', 'definition', 'footnoteReference'].includes(node.type)) {
    reading.alive.push(`${node.type}: ${slice(node, source)}`);
  }
  if (node.type === 'text') for (const text of textNodes(slice(node, source))) reading.alive.push(...rulesOn(text));
  if ('children' in node) for (const child of node.children) visit(child, source, reading);
}

function slice(node: Nodes, source: string): string {
  return source.slice(node.position?.start.offset, node.position?.end.offset);
}

/** The text nodes GitLab's filters get: an escaped sigil stands in an element of its own, other escapes are merged. */
function textNodes(source: string): string[] {
  const nodes = [''];
  for (let index = 0; index < source.length; index++) {
    const next = source.charAt(index + 1);
    if (source.charAt(index) !== '\\' || !/[!-/:-@[-`{-~]/.test(next))
      nodes.push((nodes.pop() ?? '') + source.charAt(index));
    else {
      if (SPLIT_BY_ESCAPE.includes(next)) nodes.push('');
      else nodes.push((nodes.pop() ?? '') + next);
      index++;
    }
  }
  return nodes;
}

/** GitLab's extractor: a top-level paragraph with a line of text that starts with `/`, then its source lines. */
function quickActions(tree: Root, source: string): string[] {
  const lines = source.split('\n');
  return tree.children
    .filter(node => node.type === 'paragraph' && /^\//m.test(rendered(node)))
    .flatMap(node => lines.slice((node.position?.start.line ?? 1) - 1, node.position?.end.line))
    .filter(line => /^\/[a-z_]+(?: |$)/i.test(line))
    .map(line => `quick action: ${line}`);
}

/** What GitLab's parser or its filters on the source know and micromark does not: looked for on lines outside code. */
function sourceRules(source: string, tree: Root): string[] {
  const rules: Record<string, RegExp> = {
    'front matter': /^(?:---|\+\+\+|;;;)/,
    include: /^::include/,
    'quote fence': /^>>>/,
    'description list': /^: /,
    'old quick action': /^\//,
    wiki: /\[\[/,
  };
  const lines = withoutCode(tree, source).split('\n');
  return lines.flatMap(line =>
    Object.entries(rules).flatMap(([rule, pattern]) => (pattern.test(line) ? [`${rule}: ${line}`] : [])),
  );
}

/** The source with every character of code, and of HTML (reported by itself), blotted out. */
function withoutCode(tree: Root, source: string): string {
  const characters = source.split('');
  const blot = (node: Nodes): void => {
    if (['code', 'inlineCode', 'html'].includes(node.type)) {
      const [start = 0, end = 0] = [node.position?.start.offset, node.position?.end.offset];
      for (let index = start; index < end; index++) if (characters[index] !== '\n') characters[index] = '\0';
    }
    if ('children' in node) for (const child of node.children) blot(child);
  };
  blot(tree);
  return characters.join('');
}

function rendered(node: Nodes): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'html') return '';
  if ('value' in node) return node.value;
  if (!('children' in node)) return '';
  return (node as Parents).children.map(rendered).join(node.type === 'root' ? '\n\n' : '');
}
