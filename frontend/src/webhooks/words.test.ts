import { expect, test } from 'vitest';
import { curlOf, remarkOf } from './curl';
import { answerOf, sendersOf } from './senders';

const URL = 'https://hooks.example.org/hooks/orders';
const JSON_BODY = `-H 'Content-Type: application/json' -d '{"hello": "world"}'`;

test.each([
  [{}, `curl -X POST '${URL}' \\\n  ${JSON_BODY}`],
  [{ method: 'GET' }, `curl '${URL}'`],
  [{ method: 'HEAD' }, `curl -I '${URL}'`],
  [{ method: 'DELETE' }, `curl -X DELETE '${URL}'`],
  [{ method: 'GET', authentication: 'basic' }, `curl '${URL}' \\\n  -u 'user:password'`],
])('a webhook of %o is tried out by %s', (params, command) => {
  expect(curlOf(URL, params)).toBe(command);
});

test.each([
  [{}, /^$/],
  [{ authentication: 'none' }, /^$/],
  [{ authentication: 'basic' }, /user name and the password/],
  [{ authentication: 'header' }, /the header of its credential/],
  [{ authentication: 'jwt' }, /a token signed/],
  [{ authentication: 'github' }, /must be signed.*let the service itself send one/],
  [{ authentication: 'hmac' }, /must be signed/],
])('of trying %o it is said what is missing: %s', (params, remark) => {
  expect(remarkOf(params)).toMatch(remark);
});

test.each([
  [{}, 'Anybody'],
  [{ authentication: 'basic' }, 'Who knows the user name and password'],
  [{ authentication: 'github' }, 'Who signs as GitHub does'],
  [
    { authentication: 'jwt', algorithms: ['RS256', 'ES256'], audience: 'shop' },
    'Who bears a token signed by RS256 or ES256 for shop',
  ],
  [
    { authentication: 'hmac', signature: { header: 'X-Signature' } },
    'Who signs in the header X-Signature',
  ],
  [{ ip_allow: ['192.0.2.0/24', '::1'] }, 'Anybody, from 192.0.2.0/24 or ::1'],
])('senders to %o are told as “%s”', (params, words) => {
  expect(sendersOf(params)).toBe(words);
});

test('what senders get is told in words', () => {
  expect(answerOf({})).toBe('At once: 202 with the run’s id');
  expect(answerOf({ respond: 'respond_node' })).toBe('As a Respond to Webhook node says');
});
