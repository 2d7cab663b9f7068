import { Select, Text } from '@mantine/core';
import type { Role } from '../api/types';
import { capitalized } from '../ui/capitalized';
import { ROLES } from './roles';

interface Props {
  label?: string;
  'aria-label'?: string;
  value: Role;
  disabled?: boolean;
  title?: string | undefined;
  onChange: (role: Role) => void;
}

/** Chooses a role, each of which says what it may do. */
export function RoleSelect({ onChange, ...shown }: Props) {
  return (
    <Select
      {...shown}
      miw={112}
      allowDeselect={false}
      data={Object.keys(ROLES).map((role) => ({ value: role, label: capitalized(role) }))}
      renderOption={({ option }) => (
        <div>
          {option.label}
          <Text size="xs" c="var(--ff-muted)">
            {ROLES[option.value as Role]}
          </Text>
        </div>
      )}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      onChange={(role) => onChange(role as Role)}
    />
  );
}
