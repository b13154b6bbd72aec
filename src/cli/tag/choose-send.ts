import type { HttpExchange, Send } from '../../git-protocol/remote.ts';
import { sendBySocket } from '../../git-protocol/send-by-socket.ts';
import type { Environment } from './read-job.ts';

/** Node's own client knows the proxies of the environment, if Node is told to use them; without one a socket costs less. */
export function chooseSend(environment: Environment): Send {
  const options = environment['NODE_OPTIONS'] ?? '';
  const isProxied = environment['NODE_USE_ENV_PROXY'] === '1' || options.includes('--use-env-proxy');
  return isProxied ? sendByClient : sendBySocket;
}

async function sendByClient(exchange: HttpExchange): ReturnType<Send> {
  return (await import('../../git-protocol/send-by-node-http.ts')).sendByNodeHttp(exchange);
}
