import type { Json } from '../api/types';
import { EitherInput } from './EitherInput';
import { useAny, type Props } from './inputs';
import { ListInput } from './ListInput';

/** Values of any type, each fixed or an expression. */
export function ValuesInput({
  path,
  param,
  value,
  onChange,
}: Omit<Props, 'id'> & { path: string }) {
  return (
    <ListInput
      path={path}
      label={param.label}
      value={value ?? param.default}
      first=""
      onChange={onChange}
    >
      {(each, place, onEach) => (
        <Value
          label={`${param.label}: ${place + 1}`}
          path={`${path}[${place}]`}
          placeholder={param.example ?? 'Value'}
          value={each}
          onChange={onEach}
        />
      )}
    </ListInput>
  );
}

interface ValueProps {
  label: string;
  path: string;
  placeholder: string;
  value: Json;
  onChange: (value: Json) => void;
}

function Value({ value, onChange, ...named }: ValueProps) {
  const { text, enter } = useAny(value, onChange);
  return <EitherInput {...named} value={text} onChange={enter} />;
}
