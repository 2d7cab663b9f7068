import { Button, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { post } from '../api/client';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { ME, useMay, useSession } from './session';

/** What is seldom gone to: who works here, what may come in, settings, and the way out. */
export function AccountMenu() {
  const { me, workspace } = useSession();
  const isAdmin = useMay('admin');
  const queryClient = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => post('/auth/logout'),
    onSuccess: () => queryClient.setQueryData(ME, null),
  });
  useFailureNotice(signOut.error, 'You are still signed in');
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<Icon name="menu" />}
          loading={signOut.isPending}
        >
          Menu
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{workspace.name}</Menu.Label>
        <Menu.Item component={Link} to="/members" leftSection={<Icon name="people" />}>
          Members
        </Menu.Item>
        {isAdmin && (
          <Menu.Item component={Link} to="/api-keys" leftSection={<Icon name="key" />}>
            API keys
          </Menu.Item>
        )}
        <Menu.Item component={Link} to="/settings" leftSection={<Icon name="sliders" />}>
          Settings
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{me.email}</Menu.Label>
        {me.is_staff && (
          <Menu.Item component="a" href="/admin/" leftSection={<Icon name="shield" />}>
            Admin
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="signOut" />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
