import { useId } from 'react';
import type { Sample } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { Read } from '../ui/Read';
import { useMakeWorkflow } from '../workflows/makeWorkflow';
import { useSamples } from './queries';
import classes from './samples.module.css';
import { Thumbnail } from './Thumbnail';

/** Workflows to begin with: the one that is chosen is made, and its canvas opened. */
export function Samples({ name = '' }: { name?: string }) {
  const heading = useId();
  const samples = useSamples();
  const make = useMakeWorkflow();
  return (
    <Read of={samples} what="samples">
      {(samples) => (
        <section className={classes.samples} aria-labelledby={heading}>
          <h2 id={heading}>Begin with a sample</h2>
          {make.error !== null && <ErrorNotice error={make.error} />}
          <ul>
            {samples.map((sample) => (
              <SampleCard
                key={sample.id}
                sample={sample}
                isDisabled={make.isPending}
                onChoose={() =>
                  make.mutate({ name: name.trim() || sample.name, graph: sample.graph })
                }
              />
            ))}
          </ul>
        </section>
      )}
    </Read>
  );
}

interface CardProps {
  sample: Sample;
  isDisabled: boolean;
  onChoose: () => void;
}

function SampleCard({ sample, isDisabled, onChoose }: CardProps) {
  const about = useId();
  return (
    <li>
      <Thumbnail graph={sample.graph} />
      <button type="button" disabled={isDisabled} onClick={onChoose} aria-describedby={about}>
        {sample.name}
      </button>
      <div id={about} className={classes.about}>
        <span>{sample.teaches}</span> <span className={classes.needs}>{needed(sample)}</span>
      </div>
    </li>
  );
}

const LISTED = new Intl.ListFormat('en');

function needed({ needs }: Sample): string {
  if (needs.length === 0) return 'Runs as it is.';
  return `Needs ${LISTED.format(needs.map(({ what }) => what))}.`;
}
