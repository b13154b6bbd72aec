import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { SignalboxError } from '../../errors.ts';
import { bearerOf, knownSecrets } from '../../known-secrets.ts';
import { parseRequest } from '../../parse-request.ts';
import { batchSchema, logQuerySchema, toBatch } from './routes-body.ts';
import { type Batch, type ReceiveContext, receiveBatch } from './store-reports.ts';

/** Who may report, with its token. */
export interface RaceSource {
  name: string;
  token: string;
}

/** More than a day of a box's reports; a scan sends them in pieces. */
const LARGEST_BODY = 8 * 1024 * 1024;

/**
 * `POST /v1/races`: JSON with reports, or a piece of a log as text. Answered when all of it is on disk: 202 when
 * something was counted, 200 when all of it had been before. A log without a report is 422; in JSON, reports that cannot
 * be read are listed in the answer and no error, because a scanner would send the batch again for ever.
 */
export function raceRoutes(app: FastifyInstance, sources: readonly RaceSource[], context: ReceiveContext): void {
  const sourceOf = sourceCheck(sources);
  app.addContentTypeParser(
    ['text/plain', 'application/octet-stream'],
    { parseAs: 'buffer', bodyLimit: LARGEST_BODY },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler(error => {
    const isTooLarge = (error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE';
    throw isTooLarge
      ? new SignalboxError('SBX_RACE_BATCH_TOO_LARGE', `a body has at most ${LARGEST_BODY} bytes`)
      : error;
  });
  // The token is looked at before a byte of the body is read.
  const onRequest = async (request: { headers: { authorization?: string | undefined } }): Promise<void> => {
    sourceOf(request.headers.authorization, undefined);
  };
  app.post(
    '/v1/races',
    { bodyLimit: LARGEST_BODY, onRequest, config: { reads: { body: batchSchema } } },
    async (request, reply) => {
      const { authorization } = request.headers;
      const batch = Buffer.isBuffer(request.body)
        ? logBatch(request.body.toString('utf8'), parseRequest(logQuerySchema, request.query), authorization)
        : jsonBatch(parseRequest(batchSchema, request.body), authorization);
      const receipt = await receiveBatch(batch, context);
      if (Buffer.isBuffer(request.body) && receipt.refused.length > 0) {
        throw new SignalboxError('SBX_RACE_REPORT_UNREADABLE', 'the body was read to its end');
      }
      return reply.code(receipt.accepted > 0 ? 202 : 200).send(receipt);
    },
  );

  function jsonBatch(body: z.output<typeof batchSchema>, authorization: string | undefined): Batch {
    return toBatch(body, sourceOf(authorization, body.source));
  }

  function logBatch(text: string, query: z.output<typeof logQuerySchema>, authorization: string | undefined): Batch {
    const { source, host, build = null, log, id } = query;
    const report = { text, count: 1, ...(log === undefined ? {} : { log }), ...(id === undefined ? {} : { id }) };
    return toBatch({ host, build, reports: [report] }, sourceOf(authorization, source));
  }
}

/** Makes the check of a source's token. */
function sourceCheck(sources: readonly RaceSource[]) {
  const holdersOf = knownSecrets(sources, each => each.token);
  return (authorization: string | undefined, claimed: string | undefined): string => {
    const given = bearerOf(authorization);
    if (given === undefined) throw new SignalboxError('SBX_RACE_SOURCE_UNKNOWN', 'the request has no Bearer token');
    const found = holdersOf(given)[0]?.name;
    if (found === undefined) throw new SignalboxError('SBX_RACE_SOURCE_UNKNOWN', 'the token is not known');
    if (claimed !== undefined && claimed !== found) {
      throw new SignalboxError('SBX_RACE_SOURCE_OTHER', `the token is that of ${found}`);
    }
    return found;
  };
}
