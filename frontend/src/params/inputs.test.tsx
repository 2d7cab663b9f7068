import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { AnyInput } from './inputs';
import type { Param } from './shape';

const PARAM: Param = {
  name: 'value',
  label: 'Value',
  description: undefined,
  isRequired: false,
  isLiteral: false,
  default: undefined,
  example: undefined,
  when: {},
  otherwise: [],
  shape: { is: 'any', isLong: false },
};

/** A field for a value of any type; gives what it is by now. */
function shown(given: Json) {
  let now: Json;
  function Field() {
    const [value, setValue] = useState(given);
    now = value;
    const shape = { is: 'any', isLong: false } as const;
    return <AnyInput id="value" param={PARAM} shape={shape} value={value} onChange={setValue} />;
  }
  render(
    <MantineProvider env="test">
      <Field />
    </MantineProvider>,
  );
  return () => now;
}

test.each<[Json, string, Json]>([
  [undefined, '"Ada"', '"Ada"'],
  ['', '5', '5'],
  [1, '.05', 1.05],
  [undefined, '{{"a": 1}', { a: 1 }],
])('of %j, “%s” typed behind it is %j', async (before, typed, after) => {
  const now = shown(before);
  await userEvent.type(screen.getByRole('textbox'), typed);
  expect(now()).toEqual(after);
});
