import { expect, test } from 'vitest';
import type { AuditEntry } from '../api/types';
import { detailOf } from './audit';

test('an entry tells whole numbers of any length, and what they stand in', () => {
  const detail = { changes: { max_kept_bytes: [null, 2n ** 62n] }, of: { a: 2n ** 62n } };
  expect(detailOf({ detail } as unknown as AuditEntry)).toBe(
    'max kept bytes: – → 4611686018427387904, of: {"a":4611686018427387904}',
  );
});
