import type { MailConverter, MailConverterOptions } from './mail-types.ts';

export function createMailConverter(_options: MailConverterOptions): MailConverter {
  throw new Error('not built yet');
}
