import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { post } from '../api/client';
import type { Me } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { WindowTitle } from '../ui/WindowTitle';
import { Logo } from './Logo';
import { ME, useMe } from './session';

export function SignInPage() {
  const { data: me } = useMe();
  const [params] = useSearchParams();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => post<Me>('/auth/login', JSON.stringify({ email, password })),
    onSuccess: (answer) => queryClient.setQueryData(ME, answer),
  });

  if (me) return <Navigate to={ownPath(params.get('next'))} replace />;
  return (
    <Stack align="center" pt={{ base: 48, sm: 120 }} px="md" component="main">
      <Paper
        component="form"
        withBorder
        p="xl"
        w="100%"
        maw={380}
        bg="var(--ff-surface)"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack gap="md">
          <WindowTitle>Sign in</WindowTitle>
          <Logo />
          <div>
            <Title order={1}>Sign in</Title>
            <Text size="sm" c="var(--ff-muted)">
              Watch and steer the workflows of your workspaces.
            </Text>
          </div>
          {signIn.error && <ErrorNotice error={signIn.error} />}
          <TextInput
            label="Email"
            type="email"
            name="email"
            autoComplete="username"
            size="sm"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            size="sm"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={signIn.isPending}>
            Sign in
          </Button>
          <Text size="sm" ta="center">
            <a href="/account/password-reset" style={{ paddingBlock: 12 }}>
              Forgotten your password?
            </a>
          </Text>
        </Stack>
      </Paper>
    </Stack>
  );
}

/** Only a path of this site: a link must not lead somebody who signed in to another one. */
function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/workflows';
}
