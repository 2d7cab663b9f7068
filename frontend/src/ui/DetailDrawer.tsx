import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  what: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Where there is no room for a detail beside what it is of: it comes from below. */
export function DetailDrawer({ what, opened, onClose, children }: Props) {
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="bottom" size="75%">
      <Drawer.Overlay />
      <Drawer.Content aria-label={what} data-detail>
        <Drawer.Body p={0} h="100%">
          {children}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
