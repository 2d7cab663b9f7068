import { useMemo, useState, type ReactNode } from 'react';
import { MappingContext, type Target } from './mapping';
import { SampleContext, type Sample } from './sample';

/** The data of a node beside its form: what expressions are tried on, and what takes a field of them. */
export function WithSample({ sample, children }: { sample: Sample; children: ReactNode }) {
  const [chosen, choose] = useState(0);
  const [target, setTarget] = useState<Target | null>(null);
  const place = Math.min(chosen, Math.max(sample.items.length - 1, 0));
  const shown = useMemo(() => ({ sample, place, choose }), [sample, place]);
  const mapping = useMemo(() => ({ target, setTarget }), [target]);
  return (
    <MappingContext value={mapping}>
      <SampleContext value={shown}>{children}</SampleContext>
    </MappingContext>
  );
}
