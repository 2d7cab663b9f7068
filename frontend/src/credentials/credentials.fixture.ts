import type { CredentialDetail, CredentialType } from '../api/types';

/** A type with a secret of each kind, and something that says where they go. */
export const MAIL: CredentialType = {
  type: 'mail',
  label: 'Mail server',
  note: 'A server to send through.',
  trial: 'service',
  redirect_uri: null,
  schema: {
    properties: {
      host: { type: 'string', title: 'Host', maxLength: 8192, 'x-destination': true },
      port: { type: 'integer', title: 'Port', default: 587, 'x-destination': true },
      password: { type: 'string', title: 'Password', writeOnly: true, 'x-widget': 'password' },
      key: { type: 'string', title: 'Key', writeOnly: true, 'x-widget': 'secret-text' },
    },
    required: ['host'],
  },
};

export const HEADERS: CredentialType = {
  type: 'headers',
  label: 'HTTP headers',
  note: 'Several headers.',
  trial: 'url',
  redirect_uri: null,
  schema: {
    properties: {
      headers: {
        type: 'object',
        title: 'Headers',
        writeOnly: true,
        'x-widget': 'key-values',
      },
    },
    required: ['headers'],
  },
};

export const OAUTH: CredentialType = {
  type: 'oauth',
  label: 'OAuth2',
  note: 'Tokens are fetched and renewed.',
  trial: 'none',
  redirect_uri: 'https://flow.example.org/api/v1/oauth/callback',
  schema: { properties: { client_id: { type: 'string', title: 'Client id' } } },
};

export const credential = (rest: Partial<CredentialDetail> = {}): CredentialDetail => ({
  id: 'c1',
  workspace: 'w1',
  name: 'Post',
  type: 'mail',
  values: { host: 'mail.test' },
  secrets: ['password'],
  revision: 4,
  created_by: null,
  updated_by: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  needs_consent: false,
  authorized_at: null,
  last_used_at: null,
  last_tested_at: null,
  last_test_error: '',
  used_by: [],
  ...rest,
});
