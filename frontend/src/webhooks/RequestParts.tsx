import { parseExact } from '../api/exactJson';
import type { HookBody, HookRequestDetail } from '../api/types';
import { byteSize } from '../ui/byteSize';
import { CopyText } from '../ui/CopyText';
import { isJson } from '../ui/isJson';
import { JsonView } from '../ui/JsonView';
import classes from './RequestParts.module.css';

/** What a request bore: params of its path, query, headers and body. Its secrets are hidden by the server. */
export function RequestParts({ request }: { request: HookRequestDetail }) {
  const params = Object.entries(request.params);
  const query = [...new URLSearchParams(request.query)];
  const content = request.body?.content ?? '';
  return (
    <>
      {params.length > 0 && (
        <section>
          <h3>Path</h3>
          <Pairs pairs={params} />
        </section>
      )}
      {query.length > 0 && (
        <section>
          <h3>Query</h3>
          <Pairs pairs={query} />
        </section>
      )}
      <section>
        <div className={classes.head}>
          <h3>Body · {byteSize(request.size)}</h3>
          {content !== '' && <CopyText text={content} />}
        </div>
        <Body body={request.body} size={request.size} />
      </section>
      <section>
        <h3>Headers</h3>
        <Pairs pairs={Object.entries(request.headers)} />
      </section>
    </>
  );
}

function Pairs({ pairs }: { pairs: [string, string][] }) {
  return (
    <dl className={classes.pairs}>
      {pairs.map(([name, value], place) => (
        <div key={`${name} ${place}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ body, size }: { body: HookBody | null; size: number }) {
  if (body === null) {
    return <p className={classes.quiet}>It was larger than the inbox keeps. Its run has it.</p>;
  }
  if (body.payload !== null) {
    return (
      <a className={classes.download} href={`/api/v1/payloads/${body.payload}`} download>
        Download the body, {byteSize(size)}
      </a>
    );
  }
  const content = body.content ?? '';
  if (content === '') return <p className={classes.quiet}>It is empty.</p>;
  if (body.encoding === 'text' && /^\s*[[{]/.test(content) && isJson(content)) {
    return <JsonView value={parseExact(content)} openDepth={3} />;
  }
  return (
    <>
      {body.encoding === 'base64' && <p className={classes.quiet}>It is no text. In base64:</p>}
      <pre className={classes.text} tabIndex={0} aria-label="Body">
        {content}
      </pre>
    </>
  );
}
