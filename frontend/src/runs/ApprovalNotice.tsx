import { Button, Group, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Waiting } from '../api/types';
import { useMay, useSession } from '../session/session';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import { useDecide } from './queries';

interface Props {
  run: string;
  waiting: Waiting;
  name: string;
}

/** Asks what a step asks people for: to approve or reject, as those do who were sent a link. */
export function ApprovalNotice({ run, waiting, name }: Props) {
  const mayOperate = useMay('operator');
  const own = useSession().me.email.toLowerCase();
  const only = waiting.asks?.only;
  const isAsked = only === undefined || only.some((address) => address.toLowerCase() === own);
  const decide = useDecide(run);
  const [comment, setComment] = useState('');
  const answer = (decision: 'approve' | 'reject') =>
    decide.mutate({ step: waiting.step, decision, comment });
  return (
    <Notice
      tone="waiting"
      icon="clock"
      title={
        <>
          “<bdi>{name}</bdi>” asks for approval
        </>
      }
      role="status"
    >
      <Text size="sm">{waiting.asks?.question}</Text>
      {waiting.asks !== undefined && waiting.asks.details !== '' && (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          {waiting.asks.details}
        </Text>
      )}
      {decide.error !== null && <ErrorNotice error={decide.error} />}
      {mayOperate && isAsked ? (
        <>
          <Textarea
            label="Comment"
            value={comment}
            maxLength={2000}
            autosize
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          <Group gap="xs">
            <Button loading={decide.isPending} onClick={() => answer('approve')}>
              Approve
            </Button>
            <Button
              variant="default"
              c="var(--ff-failed)"
              disabled={decide.isPending}
              onClick={() => answer('reject')}
            >
              Reject
            </Button>
          </Group>
        </>
      ) : (
        <Text size="sm">
          {only === undefined
            ? 'An operator of this workspace can decide.'
            : `Only those who were asked can decide: ${only.join(', ')}.`}
        </Text>
      )}
    </Notice>
  );
}
