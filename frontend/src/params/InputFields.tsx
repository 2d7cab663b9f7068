import { useContext } from 'react';
import { InputData } from './InputData';
import classes from './params.module.css';
import { hasData, SampleContext } from './sample';

/** The data of a node where there is no room beside its form: behind a line that opens. */
export function InputFields() {
  const { sample } = useContext(SampleContext);
  if (!hasData(sample)) return null;
  return (
    <details className={classes.inputs}>
      <summary>Data for this node</summary>
      <InputData />
    </details>
  );
}
