/** As much of a browser as sign-in needs: a cookie jar by host, redirects seen one by one, forms. */
export interface CookieBrowser {
  /** One request; a redirect is returned, not followed. */
  ask(url: string, init?: RequestInit): Promise<Response>;
  /** Follows redirects to the end. */
  open(url: string): Promise<Response>;
  submit(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** As `name=value`; also to hand them to another browser. */
  cookies(url: string): string;
}

export function cookieBrowser(jar = new Map<string, Map<string, string>>()): CookieBrowser {
  const cookiesOf = (url: string) => {
    const { host } = new URL(url);
    const found = jar.get(host) ?? new Map<string, string>();
    jar.set(host, found);
    return found;
  };
  const cookies = (url: string) => [...cookiesOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');

  async function ask(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { cookie: cookies(url), ...(init.headers as Record<string, string>) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (/;\s*Max-Age=0/i.test(line)) cookiesOf(url).delete(name);
      else cookiesOf(url).set(name, pair.slice(name.length + 1));
    }
    return response;
  }

  return {
    ask,
    cookies,
    open: async start => {
      let url = start;
      for (let hops = 0; hops < 10; hops++) {
        const response = await ask(url);
        const to = response.headers.get('location');
        if (response.status < 300 || response.status >= 400 || to === null) return response;
        url = new URL(to, url).href;
      }
      throw new Error(`${start} leads in circles`);
    },
    submit: (url, fields, headers = {}) =>
      ask(url, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: new URL(url).origin, ...headers },
      }),
  };
}
