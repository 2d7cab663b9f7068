import ReactMarkdown from 'react-markdown';

const SAFE = /^(https?|mailto):/i;

/** Somebody's Markdown, without any HTML in it. An image is a link: others' servers see no reader. */
export default function Markdown({ children }: { children: string }) {
  return (
    <ReactMarkdown
      skipHtml
      urlTransform={(url) => (SAFE.test(url) ? url : '')}
      components={{
        a: ({ href, children: text }) => <Outward to={href}>{text}</Outward>,
        img: ({ src, alt }) => <Outward to={src}>{alt ?? src}</Outward>,
      }}
    >
      {children}
    </ReactMarkdown>
  );
}

function Outward({ to, children }: { to: unknown; children: React.ReactNode }) {
  if (typeof to !== 'string' || to === '') return <>{children}</>;
  return (
    <a href={to} target="_blank" rel="noreferrer" className="nodrag">
      {children}
    </a>
  );
}
