import { ActionIcon } from '@mantine/core';
import { COLORS, type Color } from '../api/types';
import classes from '../canvas/marks.module.css';
import { Icon, type IconName } from '../ui/Icon';
import { useActions } from './context';
import { shown } from './keys';

const ICONS: Record<string, IconName> = {
  writeNote: 'pencil',
  nameGroup: 'pencil',
  delete: 'cross',
  ungroup: 'cross',
};

/** The deeds of the note or group that is selected, beside it. */
export function MarkTools({ color, deeds }: { color: Color; deeds: string[] }) {
  const actions = useActions();
  const by = (id: string) => actions.find((action) => action.id === id);
  return (
    <div className={classes.tools} role="toolbar" aria-label="Note or group">
      {COLORS.map((each) => (
        <button
          key={each}
          type="button"
          className={classes.swatch}
          data-color={each}
          aria-label={by(`color-${each}`)?.label}
          aria-pressed={each === color}
          onClick={by(`color-${each}`)?.run}
        />
      ))}
      {deeds.map((id) => {
        const action = by(id);
        const [key] = action?.keys ?? [];
        return (
          <ActionIcon
            key={id}
            variant="subtle"
            size={22}
            aria-label={action?.label}
            title={key === undefined ? action?.label : `${action?.label} (${shown(key)})`}
            onClick={action?.run}
          >
            <Icon name={ICONS[id] ?? 'pencil'} size={13} />
          </ActionIcon>
        );
      })}
    </div>
  );
}
