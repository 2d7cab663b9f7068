import type { ConversionReport as Report } from '../api/types';
import { counted } from '../ui/counted';
import { Icon } from '../ui/Icon';
import classes from './ConversionReport.module.css';

/** What came of a workflow of n8n, and what a person must look at. */
export function ConversionReport({ report }: { report: Report }) {
  const { nodes, edges, unsupported, warnings } = report;
  return (
    <div className={classes.report}>
      <p>
        {counted(nodes, 'node')} and {counted(edges, 'edge')} were taken over.
      </p>
      {unsupported.length > 0 && (
        <section>
          <h3>
            <Icon name="warning" size={14} /> {counted(unsupported.length, 'node')} without a
            counterpart
          </h3>
          <p>
            A No Operation stands in the place of each, with all that it was in its notes. Write
            there what does the same.
          </p>
          <ul>
            {unsupported.map(({ node, type, why }) => (
              <li key={node}>
                <b>{node}</b> <code>{type}</code> {why}
              </li>
            ))}
          </ul>
        </section>
      )}
      {warnings.length > 0 && (
        <section>
          <h3>To look at</h3>
          <ul>
            {warnings.map(({ node, message }, place) => (
              <li key={place}>
                {node !== null && <b>{node}</b>} {message}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Whether there is more to say than that all is well. */
export function saysMuch({ unsupported, warnings }: Report): boolean {
  return unsupported.length + warnings.length > 0;
}
