/** What differs from installation to installation. */
export interface ScriptValues {
  serviceUrl: string;
  /** The addresses of Freshdesk's agents' pages. */
  freshdeskUrls: readonly string[];
  version: string;
}

export interface Script {
  /** The whole script. */
  user: string;
  /** Only its block of metadata: what managers read to see whether there is a newer one. */
  meta: string;
}

const END = '// ==/UserScript==\n';

/**
 * Fills the built script. Values stand in comments of one line and in a text of JavaScript: they are made from parsed
 * addresses, in which neither a line end nor a quote can be.
 */
export function fillTemplate(template: string, { serviceUrl, freshdeskUrls, version }: ScriptValues): Script {
  const service = new URL(serviceUrl);
  const pages = [...new Set(freshdeskUrls.map(each => `${new URL(each).origin}/*`))];
  const lines = template.split('\n').flatMap(line => {
    if (line.includes('{{match}}')) return pages.map(page => line.replace('{{match}}', () => page));
    return [line];
  });
  const user = lines
    .join('\n')
    .replaceAll('{{service_url}}', () => service.href.replace(/\/+$/, ''))
    .replaceAll('{{connect}}', () => service.hostname)
    .replaceAll('{{version}}', () => version);
  return { user, meta: user.slice(0, user.indexOf(END) + END.length) };
}
