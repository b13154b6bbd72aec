/** A cookie of ours as it is set: never readable by scripts, never sent along with another site's requests but links. */
export interface CookieJar {
  read(header: string | undefined, name: string): string | undefined;
  set(name: string, value: string, seconds: number): string;
  clear(name: string): string;
}

/**
 * Over https the names begin with `__Host-`: browsers then take such a cookie only from this very host, with `Secure` and for
 * all paths, so that no neighbouring host can plant one.
 */
export function cookieJar(secure: boolean): CookieJar {
  const full = (name: string) => `${secure ? '__Host-' : ''}signalbox-${name}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    read: (header = '', name) => {
      const wanted = `${full(name)}=`;
      const found = header.split(/;\s*/).find(each => each.startsWith(wanted));
      return found?.slice(wanted.length) || undefined;
    },
    set: (name, value, seconds) => `${full(name)}=${value}; Max-Age=${seconds}; ${attributes}`,
    clear: name => `${full(name)}=; Max-Age=0; ${attributes}`,
  };
}
