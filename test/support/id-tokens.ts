import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Signs CI jobs' id_tokens as GitLab does, and shows its keys as GitLab does. */
export interface Issuer {
  url: string;
  /** A token of a job of main of acme/lib-ssh, unless told. */
  sign: (claims?: object, key?: KeyObject) => string;
  close: () => void;
}

export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }];
    const discovery = { issuer: url, jwks_uri: `${url}/oauth/discovery/keys` };
    response.end(JSON.stringify(request.url?.startsWith('/.well-known') ? discovery : { keys }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let made = 0;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    url,
    sign: (claims = {}, key = privateKey) => {
      made += 1;
      const body = {
        iss: url,
        aud: 'signalbox',
        exp: Math.floor(Date.now() / 1000) + 300,
        jti: `token-${made}`,
        project_path: 'acme/lib-ssh',
        ref: 'main',
        ref_protected: 'true',
        ref_type: 'branch',
        ...claims,
      };
      const signed = `${part({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${part(body)}`;
      return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`;
    },
    close: () => server.close(),
  };
}
