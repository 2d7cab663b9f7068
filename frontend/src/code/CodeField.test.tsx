import { acceptCompletion, currentCompletions } from '@codemirror/autocomplete';
import { MantineProvider } from '@mantine/core';
import { act, render, waitFor } from '@testing-library/react';
import { useEffect, useState } from 'react';
import { expect, test } from 'vitest';
import { caretIn, editorOf } from '../test/code';
import { CodeField } from './CodeField';
import { suggestionsAt } from './suggest';

const REACH = {
  items: [{ json: { name: 'Ada', 'last name': 'Lovelace' } }],
  nodes: {},
  before: [],
  variables: [],
};

function shown(value: string, faultAt: number | null = null) {
  const seen: string[] = [value];
  let give: (value: string) => void;
  function Field() {
    const [text, setText] = useState(value);
    useEffect(() => void (give = setText), []);
    return (
      <MantineProvider env="test">
        <CodeField
          id="x"
          label="URL"
          language="expression"
          value={text}
          faultAt={faultAt}
          suggestAt={(code) => suggestionsAt(code, REACH)}
          onChange={(next) => {
            seen.push(next);
            setText(next);
          }}
        />
      </MantineProvider>
    );
  }
  render(<Field />);
  return {
    last: () => seen.at(-1),
    seen,
    /** The value changes without anybody writing in the field. */
    give: (next: string) => act(() => give(next)),
  };
}

test('a field is suggested as it is written, and taken by a key', async () => {
  const { last } = shown('Hi {{ $json. }}');
  const view = await editorOf('URL');
  caretIn(view, 'Hi {{ $json.'.length, 'n');
  // What is suggested is drawn where there is a layout, which is not here.
  await waitFor(() => expect(currentCompletions(view.state)[0]?.label).toBe('name'));
  await waitFor(() => expect(acceptCompletion(view)).toBe(true));
  expect(last()).toBe('Hi {{ $json.name }}');
});

test('nothing is suggested where text is written', async () => {
  shown('');
  const view = await editorOf('URL');
  caretIn(view, 0, '$json.');
  await waitFor(() => expect(view.state.doc.toString()).toBe('$json.'));
  expect(currentCompletions(view.state)).toEqual([]);
});

test('the place of what is wrong is underlined', async () => {
  shown('{{ 1 + nope( }}', 7);
  await editorOf('URL');
  await waitFor(() => expect(document.querySelector('[data-fault]')).toHaveTextContent('nope'));
});

test('a value that comes from elsewhere is shown, and is nothing that was written', async () => {
  const { seen, give } = shown('a');
  const view = await editorOf('URL');
  give('b');
  expect(view.state.doc.toString()).toBe('b');
  expect(seen).toEqual(['a']);
});

test('lines may end in any way, and to look at them writes nothing', async () => {
  const { seen } = shown('a\r\nb\rc');
  const view = await editorOf('URL');
  expect(view.state.doc.lines).toBe(3);
  caretIn(view, 0, 'x');
  expect(seen).toEqual(['a\r\nb\rc', 'xa\nb\nc']);
});
