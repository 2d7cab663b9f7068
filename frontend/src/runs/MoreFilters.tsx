import { Button, MultiSelect, Popover, Stack, TextInput } from '@mantine/core';
import { Icon } from '../ui/Icon';
import { fieldOf, momentOf } from '../ui/times';
import { listOf, TRIGGERS, type Filters, type SetFilter } from './filters';

interface Props {
  filters: Filters;
  setFilter: SetFilter;
}

/** The filters that are asked for more seldom; the button says how many of them are set. */
export function MoreFilters({ filters, setFilter }: Props) {
  const names = ['trigger', 'version', 'created_after', 'created_before'] as const;
  const count = names.filter((name) => filters[name] !== null).length;
  return (
    <Popover position="bottom-end" width={300} trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<Icon name="sliders" size={13} />}>
          {count === 0 ? 'More filters' : `More filters (${count})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="More filters">
        <Stack gap="sm">
          <MultiSelect
            label="Started by"
            placeholder={filters.trigger === null ? 'Whatever' : ''}
            comboboxProps={{ withinPortal: false }}
            clearable
            data={TRIGGERS}
            value={listOf(filters.trigger)}
            onChange={(all) => setFilter('trigger', all.join(','))}
          />
          <TextInput
            label="Version"
            placeholder="Every version"
            inputMode="numeric"
            defaultValue={filters.version ?? ''}
            key={filters.version}
            onBlur={(event) => setFilter('version', numberIn(event.currentTarget.value))}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
          <TextInput
            label="Made from"
            type="datetime-local"
            value={fieldOf(filters.created_after)}
            onChange={(event) => setFilter('created_after', momentOf(event.currentTarget.value))}
          />
          <TextInput
            label="Made before"
            type="datetime-local"
            value={fieldOf(filters.created_before)}
            onChange={(event) => setFilter('created_before', momentOf(event.currentTarget.value))}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** "3" of "v3"; null where there is none. */
function numberIn(text: string): string | null {
  return /[1-9][0-9]*/.exec(text)?.[0] ?? null;
}
