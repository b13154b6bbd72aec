import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../../../errors.ts';
import { checkMetadata, type MetadataRules } from './check-metadata.ts';
import { GivenFields } from './given-fields.ts';
import { readHeaderFields } from './read-headers.ts';
import { readJsonFields } from './read-json.ts';
import { unsafeText } from './safe-text.ts';

const required = { required: true, pattern: undefined };
const optional = { required: false, pattern: undefined };
const rules: MetadataRules = {
  product: {
    metadata: { version: required, commit: { required: true, pattern: '[0-9a-f]+' }, notes: optional },
    environments: ['development', 'production'],
  },
  lines: ['5.5', '5.4'],
};

const given = (fields: Record<string, string>) => {
  const all = new GivenFields();
  for (const [field, value] of Object.entries(fields)) all.add(field, value);
  return all;
};

const faultsOf = (check: () => unknown): string[] => {
  try {
    check();
    return [];
  } catch (error) {
    return (error as SignalboxError).faults.map(({ at, message }) => `${at} ${message}`);
  }
};

describe('metadata', () => {
  it('are the fields of the product, in its order; the rest follows from the version', () => {
    expect(checkMetadata(given({ notes: '', commit: 'ab', version: '5.4.1-rc.1' }), rules)).toEqual({
      version: '5.4.1-rc.1',
      line: '5.4',
      environment: 'development',
      metadata: { version: '5.4.1-rc.1', commit: 'ab', notes: '' },
    });
  });

  it('take the version from the address', () => {
    expect(checkMetadata(given({ commit: 'ab' }), rules, '5.4.1').metadata).toEqual({ version: '5.4.1', commit: 'ab' });
    expect(faultsOf(() => checkMetadata(given({ commit: 'ab', version: '5.4.2' }), rules, '5.4.1'))).toEqual([
      '/version is another one than that of the address',
    ]);
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, ['/version is missing', '/commit is missing']],
    [{ version: '5.4.1', commit: '' }, ['/commit must not be empty']],
    [{ version: '5.4.1', commit: 'xyz' }, ['/commit does not match [0-9a-f]+']],
    [{ version: '5.4.1', commit: 'ab', line: '5.5' }, ['/line is 5.5, but 5.4.1 is not of that line']],
    [{ version: '5.3.1', commit: 'ab' }, ['/line must be one of the configured lines 5.5, 5.4']],
    [{ version: '5.4.1', commit: 'ab', line: '../x' }, ['/line must be the name of a release line, such as 5.4']],
    [{ version: '5.4.1', commit: 'ab', environment: 'moon' }, ['/environment must be one of development, production']],
    [
      { version: 'v1', commit: 'ab' },
      ['/version must be written like 5.4.12 or 5.4.12-rc.1: two to four numbers, at most 64 characters'],
    ],
    [
      { version: '5.4.1', commit: 'ab', 'a/b~c': '1' },
      ['/a~1b~0c is not a field of this product: it has version, line, environment, commit, notes'],
    ],
    [
      { version: '5.4.1', commit: 'ab', Notes: '1', notes: '2' },
      [
        '/notes is given twice, as "Notes" too',
        '/Notes is not a field of this product: it has version, line, environment, commit, notes',
      ],
    ],
  ])('%o: %j', (fields, faults) => {
    expect(faultsOf(() => checkMetadata(given(fields), rules))).toEqual(faults);
  });

  it('need no list of lines', () => {
    expect(checkMetadata(given({ version: '7.1', commit: 'ab' }), { ...rules, lines: [] }).line).toBe('7.1');
  });
});

describe('a value', () => {
  it.each(['', "it's", '$(x) `y` "z" \\', 'äöü 日本語 😀', ' a ', 'x'.repeat(4096)])('may be %j', value => {
    expect(unsafeText(value)).toBeNull();
  });

  it.each([
    '\0',
    '\n',
    '\r',
    '\t',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ud800',
    'x'.repeat(4097),
    'ä'.repeat(2049),
  ])('may not be %j', value => expect(unsafeText(value)).not.toBeNull());
});

describe('JSON', () => {
  const read = (text: string) => {
    const fields = new GivenFields();
    readJsonFields(text, fields, 'it');
    return { values: [...fields.values], faults: fields.faults.map(({ at }) => at) };
  };

  it.each<[string, [string, string][], string[]]>([
    ['{}', [], []],
    [
      ' { "a" : "1" , "b":"{\\"a\\":1}" } ',
      [
        ['a', '1'],
        ['b', '{"a":1}'],
      ],
      [],
    ],
    ['{"a":"1","a":"2"}', [['a', '2']], ['/a']],
    ['{"a":"1","\\u0061":"2"}', [['a', '2']], ['/a']],
    ['{"__proto__":"1"}', [['__proto__', '1']], []],
    ['{"a":{"b":"1"},"c":["x",{"d":"2"}],"e":null,"f":1.5,"g":true}', [], ['/a', '/c', '/e', '/f', '/g']],
  ])('%s', (text, values, faults) => expect(read(text)).toEqual({ values, faults }));

  it.each(['', '[]', '"a"', '{', 'null', '{"a":"1"} x'])('refuses %j', text => {
    expect(() => read(text)).toThrow(SignalboxError);
  });
});

describe('headers', () => {
  it('are fields, in UTF-8, each once', () => {
    const latin1 = (text: string) => Buffer.from(text).toString('latin1');
    const raw = [
      'X-Release-Build-Host',
      latin1('bäckend'),
      'x-release-metadata',
      '{"notes":"n"}',
      'X-Release-Secret',
      's',
      'X-Other',
      '1',
    ];
    const { values, faults } = readHeaderFields(raw);
    expect([...values]).toEqual([
      ['build_host', 'bäckend'],
      ['notes', 'n'],
    ]);
    expect(faults).toEqual([]);
    expect(readHeaderFields(['X-Release-A', '1', 'x-release-a', '1']).faults).toEqual([
      { at: '/a', message: 'is given twice' },
    ]);
    expect(readHeaderFields(['X-Release-A', '\xff']).faults).toEqual([{ at: '/a', message: 'is not UTF-8' }]);
  });
});
