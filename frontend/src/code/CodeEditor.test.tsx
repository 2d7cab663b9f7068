import { EditorView } from '@codemirror/view';
import { render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import CodeEditor from './CodeEditor';

function shown(value: string) {
  const onChange = vi.fn();
  const editor = (given: string) => (
    <CodeEditor id="c" label="Code" language="javascript" value={given} onChange={onChange} />
  );
  const { rerender } = render(editor(value));
  const view = EditorView.findFromDOM(screen.getByRole('textbox', { name: 'Code' }));
  if (view === null) throw new Error('There is no editor.');
  const write = (text: string) => view.dispatch(view.state.replaceSelection(text));
  return { view, write, onChange, give: (given: string) => rerender(editor(given)) };
}

test('what comes back late does not take away what was written since', () => {
  const { view, write, give } = shown('');
  write('a');
  write('b');
  give('a');
  expect(view.state.doc.toString()).toBe('ab');
  expect(view.state.selection.main.head).toBe(2);
  give('ab');
  expect(view.state.doc.toString()).toBe('ab');
});

test('what others make of the value is shown', () => {
  const { view, write, give, onChange } = shown('');
  write('a');
  write('b');
  give('ab');
  give('a');
  expect(view.state.doc.toString()).toBe('a');
  expect(onChange).toHaveBeenCalledTimes(2);
});
