import { Button, Input, PasswordInput, Textarea } from '@mantine/core';
import classes from './credentials.module.css';
import type { ValueField } from './values';

interface Props {
  field: ValueField;
  isSet: boolean;
  /** Whether it must be entered anew, though it is set. */
  isAskedAgain: boolean;
  entered: string | null | undefined;
  fault: string | undefined;
  /** Undefined: it stays as it is. */
  onEnter: (entered: string | null | undefined) => void;
}

/** A secret, which is written and never shown: one that is set says so, and can be replaced. */
export function SecretInput({ field, isSet, isAskedAgain, entered, fault, onEnter }: Props) {
  const shared = {
    label: field.label,
    description: field.description,
    withAsterisk: field.isRequired,
    error: fault,
  };
  if (isSet && !isAskedAgain && typeof entered !== 'string') {
    return (
      <Input.Wrapper size="xs" {...shared} withAsterisk={false}>
        <div className={classes.set} role="group" aria-label={field.label}>
          {entered === null ? (
            <>
              <span>Goes away once you save</span>
              <Deed onClick={() => onEnter(undefined)}>Keep it</Deed>
            </>
          ) : (
            <>
              <span>•••••• Set, never shown</span>
              <Deed onClick={() => onEnter('')}>Replace</Deed>
              {!field.isRequired && <Deed onClick={() => onEnter(null)}>Remove</Deed>}
            </>
          )}
        </div>
      </Input.Wrapper>
    );
  }
  const input = {
    ...shared,
    size: 'xs' as const,
    value: entered ?? '',
    autoComplete: 'new-password',
    spellCheck: false,
    autoFocus: isSet && entered === '',
  };
  return (
    <div>
      {field.secret === 'text' ? (
        <Textarea
          {...input}
          autosize
          minRows={3}
          maxRows={12}
          onChange={(event) => onEnter(event.currentTarget.value)}
        />
      ) : (
        <PasswordInput {...input} onChange={(event) => onEnter(event.currentTarget.value)} />
      )}
      {isSet && !isAskedAgain && (
        <Deed onClick={() => onEnter(undefined)}>Keep the one that is set</Deed>
      )}
    </div>
  );
}

function Deed({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <Button variant="subtle" size="compact-xs" onClick={onClick}>
      {children}
    </Button>
  );
}
