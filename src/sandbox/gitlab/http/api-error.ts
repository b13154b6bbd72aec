/**
 * An answer that ends the request early. GitLab has three shapes of error body: `{"message": "404 Project Not Found"}` from its
 * helpers, `{"message": {"title": ["can't be blank"]}}` from validations, `{"error": "title is missing"}` from parameter checks.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(typeof body === 'string' ? body : JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export function notFound(what?: string): ApiError {
  return new ApiError(404, { message: what === undefined ? '404 Not found' : `404 ${what} Not Found` });
}
export function unauthorized(): ApiError {
  return new ApiError(401, { message: '401 Unauthorized' });
}
export function forbidden(reason?: string): ApiError {
  return new ApiError(403, { message: reason === undefined ? '403 Forbidden' : `403 Forbidden - ${reason}` });
}
/** `bad_request!` of GitLab: 400 with a reason. */
export function badRequest(reason?: string): ApiError {
  return new ApiError(400, { message: reason === undefined ? '400 Bad request' : `400 Bad request - ${reason}` });
}
/** A model's validation: field -> its complaints. */
export function invalid(errors: Record<string, string[]>): ApiError {
  return new ApiError(400, { message: errors });
}
/** A parameter that is missing or has the wrong type. */
export function badParameter(error: string): ApiError {
  return new ApiError(400, { error });
}
export function notAllowed(): ApiError {
  return new ApiError(405, { message: '405 Method Not Allowed' });
}
export function conflict(message: string): ApiError {
  return new ApiError(409, { message });
}
/** `render_api_error!`: any status with a plain text. */
export function refuse(status: number, message: unknown): ApiError {
  return new ApiError(status, { message });
}
