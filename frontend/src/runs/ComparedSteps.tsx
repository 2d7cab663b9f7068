import { useState, type ReactNode } from 'react';
import type { Step } from '../api/types';
import { DifferenceList } from '../ui/DifferenceList';
import { Icon } from '../ui/Icon';
import { StatusBadge } from '../ui/StatusBadge';
import { between } from '../ui/times';
import { sideDifferences, type ComparedStep, type Likeness } from './compared';
import classes from './ComparePage.module.css';
import { isStopped, type ShownStatus } from './events';

interface Props {
  rows: ComparedStep[];
  nameOf: (node: string) => string;
}

/** Steps of two runs beside each other; each opens to what differs. */
export function ComparedSteps({ rows, nameOf }: Props) {
  return (
    <>
      <div className={classes.columns} aria-hidden>
        <span />
        <span>Step</span>
        <span>This run</span>
        <span>The other</span>
        <span>What differs</span>
      </div>
      <ul className={classes.steps} aria-label="Steps">
        {rows.map((row) => (
          <OneStep
            key={`${row.iteration} ${row.node}`}
            row={row}
            name={nameOf(row.node) + (row.iteration > 0 ? ` #${row.iteration + 1}` : '')}
          />
        ))}
      </ul>
    </>
  );
}

function OneStep({ row, name }: { row: ComparedStep; name: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li data-different={!row.isSame || undefined}>
      <button
        type="button"
        className={classes.step}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'down' : 'right'} size={12} />
        <strong>{name}</strong>
        <Stood step={row.step} />
        <Stood step={row.other} />
        <span className={classes.told}>{inWords(row)}</span>
      </button>
      {isOpen && (
        <div className={classes.detail}>
          {row.step?.error !== row.other?.error && (
            <Part title="Error">
              <DifferenceList
                differences={{
                  found: [
                    {
                      path: 'message',
                      before: row.other?.error ?? undefined,
                      after: row.step?.error ?? undefined,
                    },
                  ],
                  areMore: false,
                }}
              />
            </Part>
          )}
          <Side title="Input" likeness={row.input} row={row} side="input_json" />
          <Side title="Output" likeness={row.output} row={row} side="output_json" />
        </div>
      )}
    </li>
  );
}

/** How a step ended in one of the runs, and how long it took. */
function Stood({ step }: { step: Step | undefined }) {
  if (step === undefined) return <span className={classes.quiet}>not run</span>;
  const error = { message: step.error ?? '', code: step.error_code };
  const status: ShownStatus =
    step.status === 'failed' && isStopped(error) ? 'stopped' : step.status;
  return (
    <span className={classes.stood}>
      <StatusBadge status={status} copied={step.copied_from !== null} />
      <span className={classes.quiet}>{between(step.started_at, step.finished_at)}</span>
    </span>
  );
}

function inWords({ step, other, input, output, isSame }: ComparedStep): string {
  if (step === undefined) return 'only in the other';
  if (other === undefined) return 'only in this one';
  if (isSame) return 'the same';
  const parts = [
    step.status !== other.status && 'status',
    step.error !== other.error && 'error',
    input !== 'same' && (input === 'unknown' ? 'input too large' : 'input'),
    output !== 'same' && (output === 'unknown' ? 'output too large' : 'output'),
  ];
  return parts.filter((part) => part !== false).join(', ');
}

interface SideProps {
  title: string;
  likeness: Likeness;
  row: ComparedStep;
  side: 'input_json' | 'output_json';
}

function Side({ title, likeness, row, side }: SideProps) {
  return (
    <Part title={title}>
      {likeness === 'same' ? (
        <p className={classes.quiet}>The same in both.</p>
      ) : likeness === 'unknown' ? (
        <p className={classes.quiet}>Too large to compare here: open the step in its run.</p>
      ) : (
        <DifferenceList differences={sideDifferences(row, side)} />
      )}
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
