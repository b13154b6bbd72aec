import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Says from which address a request comes; senders that share an address are one. */
export type SenderAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Behind a reverse proxy every connection comes from the proxy, which says in the last part of `X-Forwarded-For` whose it
 * is. That is believed of proxies on this machine and of those in the configuration: everybody else could write there
 * what he likes.
 */
export function senderAddress(trustedProxies: readonly string[]): SenderAddress {
  const trusted = new BlockList();
  trusted.addSubnet('127.0.0.0', 8, 'ipv4');
  trusted.addAddress('::1', 'ipv6');
  for (const proxy of trustedProxies) trusted.addAddress(proxy, isIPv6(proxy) ? 'ipv6' : 'ipv4');
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress ?? '');
    if (isIP(peer) === 0 || !trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) return network(peer);
    const forwarded = plain([headers['x-forwarded-for'] ?? ''].flat().join(',').split(',').at(-1)!.trim());
    return network(isIP(forwarded) === 0 ? peer : forwarded);
  };
}

/** An IPv4 address as a socket for both kinds shows it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whoever has one IPv6 address has the other 2^64 of its network as well. */
function network(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1).split('::');
  const [before, behind] = [head, tail ?? ''].map(part => part.split(':').filter(group => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - before!.length - behind!.length;
  const groups = [...before!, ...Array.from({ length: zeros }, () => '0'), ...behind!];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
