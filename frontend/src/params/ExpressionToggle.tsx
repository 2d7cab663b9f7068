import { Button } from '@mantine/core';
import { Icon } from '../ui/Icon';

interface Props {
  label: string;
  isDynamic: boolean;
  onToggle: () => void;
}

/** Whether a value is fixed, or an expression. */
export function ExpressionToggle({ label, isDynamic, onToggle }: Props) {
  return (
    <Button
      size="compact-xs"
      variant={isDynamic ? 'light' : 'subtle'}
      color={isDynamic ? undefined : 'gray'}
      aria-pressed={isDynamic}
      aria-label={`${label}: expression`}
      title={isDynamic ? 'An expression. Make it fixed' : 'Fixed. Make it an expression'}
      onClick={onToggle}
    >
      <Icon name="fx" size={14} />
    </Button>
  );
}
