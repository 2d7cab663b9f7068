import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import Markdown from './Markdown';

test('Markdown is shown as what it means', () => {
  render(<Markdown>{'# Head\n\n- one\n- **two**'}</Markdown>);
  expect(screen.getByRole('heading', { name: 'Head' })).toBeInTheDocument();
  expect(screen.getAllByRole('listitem')).toHaveLength(2);
});

test('HTML in it is left out', () => {
  const { container } = render(
    <Markdown>
      {'a <b onclick="x()">b</b>\n\n<script>x()</script>\n\n<iframe src="//x.test">'}
    </Markdown>,
  );
  expect(container.querySelector('b, script, iframe')).toBeNull();
});

test('links lead out by http and mail alone, and tell nobody where from', () => {
  render(
    <Markdown>
      {
        '[a](https://a.test) [m](mailto:a@a.test) [j](javascript:alert(1)) [d](data:text/html,x) [r](/x)'
      }
    </Markdown>,
  );
  const links = screen.getAllByRole('link');
  expect(links.map((link) => link.getAttribute('href'))).toEqual([
    'https://a.test',
    'mailto:a@a.test',
  ]);
  expect(links[0]).toHaveAttribute('rel', 'noreferrer');
});

test('an image is a link to it, and not loaded', () => {
  const { container } = render(<Markdown>{'![plan](https://a.test/p.png)'}</Markdown>);
  expect(container.querySelector('img')).toBeNull();
  expect(screen.getByRole('link', { name: 'plan' })).toHaveAttribute(
    'href',
    'https://a.test/p.png',
  );
});
