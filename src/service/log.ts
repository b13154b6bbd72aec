import { pino } from 'pino';
import type { EngineLog } from '../engine/log.ts';
import type { Redactor } from '../redactor.ts';

/** With levels that can be changed while it runs. */
export interface ServiceLog extends EngineLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  level: string;
}

/** Structured log lines on standard error, one JSON object each, with every known secret taken out. */
export function createLog(level: string, redactor: Redactor, write: (line: string) => void): ServiceLog {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    { write: line => write(redactor.clean(line)) },
  );
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    get level() {
      return logger.level;
    },
    set level(level) {
      logger.level = level;
    },
  };
}
