import { Button, CloseButton, Input, PasswordInput, TextInput } from '@mantine/core';
import classes from './credentials.module.css';
import type { Pair, ValueField } from './values';

interface Props {
  field: ValueField;
  pairs: Pair[];
  fault: string | undefined;
  onEnter: (pairs: Pair[]) => void;
}

/** Names, which are shown, and their secret values, which are written and never shown. */
export function SecretPairs({ field, pairs, fault, onEnter }: Props) {
  const set = (place: number, pair: Pair) => onEnter(pairs.with(place, pair));
  return (
    <Input.Wrapper
      size="xs"
      label={field.label}
      description={field.description}
      withAsterisk={field.isRequired}
      error={fault}
    >
      <div role="group" aria-label={field.label}>
        {pairs.map((pair, place) => (
          <div key={place} className={classes.pair}>
            <TextInput
              aria-label={`Name ${place + 1}`}
              placeholder="Name"
              value={pair.name}
              // What is stored has its name: another name is another secret.
              readOnly={pair.value === null}
              onChange={(event) => set(place, { ...pair, name: event.currentTarget.value })}
            />
            <PasswordInput
              aria-label={`Value ${place + 1}`}
              size="xs"
              autoComplete="new-password"
              placeholder={pair.value === null ? '•••••• Set; type to replace' : 'Value'}
              value={pair.value ?? ''}
              onChange={(event) => set(place, { ...pair, value: event.currentTarget.value })}
            />
            <CloseButton
              size="sm"
              aria-label={`Take ${pair.name || 'this'} away`}
              onClick={() => onEnter(pairs.toSpliced(place, 1))}
            />
          </div>
        ))}
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => onEnter([...pairs, { name: '', value: '' }])}
        >
          Add
        </Button>
      </div>
    </Input.Wrapper>
  );
}
