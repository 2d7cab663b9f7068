import { EitherInput } from './EitherInput';
import { anyIn, type Props } from './inputs';
import { ListInput } from './ListInput';

/** Values of any type, each fixed or an expression. */
export function ValuesInput({
  path,
  param,
  value,
  onChange,
}: Omit<Props, 'id'> & { path: string }) {
  return (
    <ListInput label={param.label} value={value ?? param.default} first="" onChange={onChange}>
      {(each, place, onEach) => (
        <EitherInput
          label={`${param.label}: ${place + 1}`}
          path={`${path}[${place}]`}
          placeholder={param.example ?? 'Value'}
          value={each}
          onChange={(text) => onEach(anyIn(text, typeof each))}
        />
      )}
    </ListInput>
  );
}
