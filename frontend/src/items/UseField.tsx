import classes from './items.module.css';

interface Props {
  /** What reads it, as `$json.order.id`. */
  field: string;
  onUse: (field: string) => void;
  /** Whether Tab leads here. */
  isReached?: boolean;
}

/** Maps a field without dragging it. */
export function UseField({ field, onUse, isReached = true }: Props) {
  return (
    <button
      type="button"
      className={classes.use}
      aria-label={`Use ${field}`}
      tabIndex={isReached ? 0 : -1}
      onClick={() => onUse(field)}
    >
      Use
    </button>
  );
}
