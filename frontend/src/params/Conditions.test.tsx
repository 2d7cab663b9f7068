import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { Conditions } from './Conditions';

/** A condition on a number, to be typed; gives what it is by now. */
function shown(rightValue: Json) {
  let now: Json;
  function Form() {
    const [value, setValue] = useState<Json>({
      conditions: [
        { leftValue: 'left', rightValue, operator: { type: 'number', operation: 'gt' } },
      ],
    });
    now = value;
    return <Conditions label="If" path="if" operations={[]} value={value} onChange={setValue} />;
  }
  render(
    <MantineProvider env="test">
      <Form />
    </MantineProvider>,
  );
  return () => now;
}

test.each([
  ['0.05', 0.05],
  ['10.20', 10.2],
  ['-1.005', -1.005],
])('%s is typed as the number that a condition compares with', async (typed, meant) => {
  const now = shown('');
  const side = screen.getByLabelText('If 1: right side');
  await userEvent.type(side, typed);
  expect(side).toHaveValue(typed);
  expect(now()).toMatchObject({ conditions: [{ rightValue: meant }] });
});
