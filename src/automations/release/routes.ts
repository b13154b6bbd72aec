import type { FastifyInstance } from 'fastify';
import type { DoorOptions } from './receive/doors.ts';
import { refusalHeaders } from './receive/doors.ts';
import { formDoor } from './receive/form-door.ts';
import { lookDoor } from './receive/look-door.ts';
import { preflightDoor } from './receive/preflight-door.ts';
import { putDoor } from './receive/put-door.ts';
import { tusDoor } from './receive/tus/tus-door.ts';
import type { UploadSessions } from './receive/tus/upload-sessions.ts';

/** The doors by which releases come in, and the look at what is there. Bodies are read by the doors, after their checks. */
export function releaseRoutes(app: FastifyInstance, door: DoorOptions & { sessions: UploadSessions }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler((error, request, reply) => {
    refusalHeaders(error, request, reply);
    throw error;
  });
  putDoor(app, door);
  formDoor(app, door);
  preflightDoor(app, door);
  lookDoor(app, door);
  // In a scope of its own: its answers carry headers that no other does.
  void app.register(async scope => tusDoor(scope, door, door.sessions));
}
