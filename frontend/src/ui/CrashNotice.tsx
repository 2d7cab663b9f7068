import { Button, Container } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { EmptyNotice } from './Notices';

/** What is shown instead of an empty page when a component throws. */
export class CrashNotice extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Container size="xs" pt={80} role="alert">
        <EmptyNotice title="This page broke">
          <p>{this.state.error.message}</p>
          <Button onClick={() => window.location.reload()}>Load it again</Button>
        </EmptyNotice>
      </Container>
    );
  }
}
