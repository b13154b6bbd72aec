/** An answer that is an error; `body` undefined = an empty one, as 404 has. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body?: unknown, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export interface FieldError {
  field: string;
  message: string;
  code: 'missing_field' | 'invalid_value' | 'datatype_mismatch' | 'invalid_field' | 'invalid_size';
}

export function validationFailed(errors: FieldError[]): ApiError {
  return new ApiError(400, { description: 'Validation failed', errors });
}

export function notFound(): ApiError {
  return new ApiError(404);
}

/** 405 names the methods that would do, in a sentence and in `Allow`. */
export function notAllowed(method: string, allowed: string[]): ApiError {
  const list = allowed.join(', ');
  return new ApiError(
    405,
    { message: `${method} method is not allowed. It should be one of these method(s): ${list}` },
    { Allow: list },
  );
}

export function invalidCredentials(): ApiError {
  return new ApiError(401, {
    code: 'invalid_credentials',
    message: 'You have to be logged in to perform this action.',
  });
}

export function accessDenied(): ApiError {
  return new ApiError(403, { code: 'access_denied', message: 'You are not authorized to perform this action.' });
}
