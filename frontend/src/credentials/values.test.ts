import { describe, expect, test } from 'vitest';
import { credential, HEADERS, MAIL } from './credentials.fixture';
import { changeOf, isSentElsewhere, valueFieldsOf, valuesOf, type Values } from './values';

const mail = valueFieldsOf(MAIL.schema);
const headers = valueFieldsOf(HEADERS.schema);
const seen = credential();

const entered = (shown: Values['shown'], secrets: Values['secrets'] = {}): Values => {
  const begun = valuesOf(mail, seen);
  return { shown: { ...begun.shown, ...shown }, secrets: { ...begun.secrets, ...secrets } };
};

test('secrets are told from what is shown, and lines from texts', () => {
  expect(mail.map(({ name, kind, secret }) => [name, secret ?? kind])).toEqual([
    ['host', 'text'],
    ['port', 'integer'],
    ['password', 'line'],
    ['key', 'text'],
  ]);
  expect(headers[0]?.secret).toBe('pairs');
});

describe('of a new one', () => {
  test('all is sent that was entered, and the defaults that were shown', () => {
    const begun = valuesOf(mail);
    const values = {
      shown: { ...begun.shown, host: 'mail.test' },
      secrets: { password: 's3cret' },
    };
    expect(changeOf(mail, values)).toBe('{"host":"mail.test","port":587,"password":"s3cret"}');
  });

  test('names with secret values are an object', () => {
    const pairs = [
      { name: 'X-Key', value: 'k3y' },
      { name: '', value: '' },
    ];
    expect(changeOf(headers, { shown: {}, secrets: { headers: pairs } })).toBe(
      '{"headers":{"X-Key":"k3y"}}',
    );
  });
});

describe('of a change', () => {
  test.each<[string, Values, string]>([
    ['nothing is sent of what stays', entered({}), '{}'],
    ['what is shown is sent where it is another', entered({ port: '25' }), '{"port":25}'],
    ['what is emptied is taken away', entered({ port: '' }), '{"port":null}'],
    ['a secret is sent that was entered', entered({}, { password: 'new' }), '{"password":"new"}'],
    ['a secret that was left empty stays', entered({}, { password: '' }), '{}'],
    ['a secret is taken away', entered({}, { password: null }), '{"password":null}'],
  ])('%s', (_, values, change) => expect(changeOf(mail, values, seen)).toBe(change));

  test('of names with values those are named that were taken away, replaced or added', () => {
    const stored = credential({ secrets: ['headers.A', 'headers.B', 'headers.C'], values: {} });
    expect(valuesOf(headers, stored).secrets['headers']).toEqual([
      { name: 'A', value: null },
      { name: 'B', value: null },
      { name: 'C', value: null },
    ]);
    const pairs = [
      { name: 'A', value: null },
      { name: 'B', value: 'two' },
      { name: 'D', value: 'four' },
    ];
    expect(changeOf(headers, { shown: {}, secrets: { headers: pairs } }, stored)).toBe(
      '{"headers":{"C":null,"B":"two","D":"four"}}',
    );
  });
});

test('secrets are asked for again where they would go elsewhere', () => {
  expect(isSentElsewhere(mail, entered({}), seen)).toBe(false);
  expect(isSentElsewhere(mail, entered({ host: 'evil.test' }), seen)).toBe(true);
  expect(isSentElsewhere(mail, entered({ host: 'mail.test' }), undefined)).toBe(false);
});
