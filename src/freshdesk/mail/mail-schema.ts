import type { Schema } from 'hast-util-sanitize';
import { BLOCKS } from './elements.ts';

const PHRASING = 'a b strong i em cite del s strike code kbd samp tt span font q br img'.split(' ');

/**
 * What of a mail's HTML is looked at. An element that is not named here is unwrapped (its text stays); those of `strip`
 * go with what they hold, because no reader of the mail sees it. Classes, ids and styles stay for the steps after this
 * one, which know a mail program by them; none of them reaches the Markdown.
 */
export const MAIL_SCHEMA: Schema = {
  allowComments: false, // Outlook's conditions
  allowDoctypes: false,
  clobber: [],
  clobberPrefix: '',
  strip: [
    'script',
    'style',
    'title',
    'template',
    'iframe',
    'noembed',
    'noframes',
    'object',
    'svg',
    'audio',
    'video',
    'datalist',
  ],
  tagNames: [...BLOCKS, ...PHRASING],
  attributes: {
    '*': ['className', 'id', 'style', 'hidden', 'type', 'name', 'dataMarker'],
    a: ['href'],
    img: ['src', 'alt', 'width', 'height', 'dataId'],
    td: ['colSpan', 'rowSpan'],
    th: ['colSpan', 'rowSpan'],
    ol: ['start'],
    table: ['role'],
  },
  protocols: { href: ['http', 'https', 'mailto'], src: ['http', 'https', 'data', 'cid'] },
  ancestors: {
    thead: ['table'],
    tbody: ['table'],
    tfoot: ['table'],
    tr: ['table'],
    td: ['table'],
    th: ['table'],
    caption: ['table'],
    li: ['ul', 'ol'],
  },
};
