import { Button, Group } from '@mantine/core';
import { Icon } from './Icon';

interface Props {
  previous: string | null;
  next: string | null;
  onTurn: (cursor: string | null) => void;
}

/** Newer and older pages of a list, by the links that came with it. */
export function PageTurner({ previous, next, onTurn }: Props) {
  if (previous === null && next === null) return null;
  return (
    <Group justify="flex-end" gap="xs" p="xs">
      <Button
        variant="default"
        disabled={previous === null}
        leftSection={<Icon name="left" size={14} />}
        onClick={() => onTurn(cursorOf(previous))}
      >
        Previous
      </Button>
      <Button
        variant="default"
        disabled={next === null}
        rightSection={<Icon name="right" size={14} />}
        onClick={() => onTurn(cursorOf(next))}
      >
        Next
      </Button>
    </Group>
  );
}

function cursorOf(link: string | null): string | null {
  return link === null ? null : new URL(link, window.location.href).searchParams.get('cursor');
}
