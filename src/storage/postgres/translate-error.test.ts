import { expect, it } from 'vitest';
import { SignalboxError } from '../../errors.ts';
import { isBroken, isConflict, translateError } from './translate-error.ts';

const error = (code: string, message = 'so') => Object.assign(new Error(message), { code });

it.each([
  ['57P01', 'SBX_DATABASE_UNAVAILABLE'],
  ['57P03', 'SBX_DATABASE_UNAVAILABLE'],
  ['08006', 'SBX_DATABASE_UNAVAILABLE'],
  ['25006', 'SBX_DATABASE_UNAVAILABLE'],
  ['53300', 'SBX_DATABASE_UNAVAILABLE'],
  ['ECONNREFUSED', 'SBX_DATABASE_UNAVAILABLE'],
  ['ENOENT', 'SBX_DATABASE_UNAVAILABLE'],
  ['53100', 'SBX_DATABASE_FULL'],
  ['28P01', 'SBX_DATABASE_REFUSED'],
  ['3D000', 'SBX_DATABASE_REFUSED'],
  ['42501', 'SBX_DATABASE_RIGHTS'],
  ['3F000', 'SBX_DATABASE_RIGHTS'],
])('gives %s a code of ours', (code, ours) => {
  const translated = translateError(error(code)) as SignalboxError;
  expect(translated).toBeInstanceOf(SignalboxError);
  expect([translated.code, translated.detail]).toEqual([ours, 'so']);
  expect(isBroken(translated)).toBe(ours === 'SBX_DATABASE_UNAVAILABLE');
});

it('knows what the client says of a connection that is gone', () => {
  expect(isBroken(translateError(new Error('Connection terminated unexpectedly')))).toBe(true);
  expect(isBroken(translateError(new Error('Query read timeout')))).toBe(true);
});

it.each(['23505', '42P01', '57014', '40001', 'ERR_X'])('leaves %s as it is', code => {
  const mistake = error(code);
  expect(translateError(mistake)).toBe(mistake);
  expect(isConflict(mistake)).toBe(code === '40001');
});
