import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Decision, Waiting } from '../api/types';
import { useMay } from '../session/session';
import { isJson } from '../ui/isJson';
import { JsonField } from '../ui/JsonField';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import { useDecide } from './queries';

interface Props {
  run: string;
  waiting: Waiting;
  name: string;
}

/** Asks what shall happen to a step whose worker was lost while its effect was under way. */
export function DecisionNotice({ run, waiting, name }: Props) {
  const mayOperate = useMay('operator');
  const decide = useDecide(run);
  const [isTyping, setTyping] = useState(false);
  const [items, setItems] = useState('[\n  {}\n]');
  const answer = (decision: Decision) => decide.mutate({ step: waiting.step, decision });
  return (
    <Notice
      tone="waiting"
      icon="warning"
      title={
        <>
          “<bdi>{name}</bdi>” needs a decision
        </>
      }
      role="status"
    >
      <Text size="sm">
        Its worker was lost while it ran, so nobody knows whether its effect took place. Look at the
        other side, then say what shall happen.
      </Text>
      {decide.error !== null && !isTyping && <ErrorNotice error={decide.error} />}
      {mayOperate ? (
        <Group gap="xs">
          <Button loading={decide.isPending} onClick={() => answer('run_again')}>
            Run again
          </Button>
          <Button variant="default" disabled={decide.isPending} onClick={() => setTyping(true)}>
            Use these items…
          </Button>
          <Button
            variant="default"
            c="var(--ff-failed)"
            disabled={decide.isPending}
            onClick={() => answer('fail')}
          >
            Fail the step
          </Button>
        </Group>
      ) : (
        <Text size="sm">An operator of this workspace can decide.</Text>
      )}
      <Modal opened={isTyping} onClose={() => setTyping(false)} title="Use these items" size="lg">
        <Stack>
          <Text size="sm">
            The step counts as completed and gives these items, a list of objects, to the next one.
          </Text>
          <JsonField label="Items" value={items} onChange={setItems} />
          {decide.error !== null && <ErrorNotice error={decide.error} />}
          <Button
            size="sm"
            disabled={!isJson(items)}
            loading={decide.isPending}
            onClick={() =>
              decide.mutate(
                { step: waiting.step, decision: 'use', items },
                { onSuccess: () => setTyping(false) },
              )
            }
          >
            Use the items
          </Button>
        </Stack>
      </Modal>
    </Notice>
  );
}
