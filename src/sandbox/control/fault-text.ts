import type { IncomingHttpHeaders } from 'node:http';

const PLACE = '{{credential}}';

/** The text of a fault's answer; `{{credential}}` in it becomes all that the request has shown, as servers in debug mode do. */
export function faultText(body: unknown, headers: IncomingHttpHeaders): string {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  if (!text.includes(PLACE)) return text;
  const { authorization = '', 'private-token': token = '' } = headers;
  const decoded = Buffer.from(/^Basic +(.+)$/i.exec(authorization)?.[1] ?? '', 'base64').toString('utf8');
  const shown = `private-token: ${String(token)} authorization: ${authorization} (${decoded})`;
  return text.replaceAll(PLACE, () => (typeof body === 'string' ? shown : JSON.stringify(shown).slice(1, -1)));
}
