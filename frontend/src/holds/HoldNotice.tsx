import { Button, Text } from '@mantine/core';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { fullTime, shortTime } from '../ui/times';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useHold, useResume, type Held } from './queries';
import { useMayHold } from './useMayHold';

/** That something is paused, why, by whom and since when; nothing where it is not. */
export function HoldNotice({ what }: { what: Held }) {
  const { data: hold } = useHold(what);
  const resume = useResume(what);
  const mayHold = useMayHold(what);
  useFailureNotice(resume.error, 'It is still paused');
  if (hold?.held !== true) return null;
  return (
    <Notice
      tone="waiting"
      icon="pause"
      role="status"
      title={
        <>
          {what.kind === 'everything' ? 'Everything' : `The ${what.kind}`} is paused
          {hold.reason !== '' && <span>: {hold.reason}</span>}
        </>
      }
      deed={
        mayHold && (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Icon name="play" size={12} />}
            loading={resume.isPending}
            onClick={() => resume.mutate()}
          >
            Resume
          </Button>
        )
      }
    >
      <Text size="sm">
        {hold.by !== null && `By ${hold.by}, `}
        {hold.since !== null && (
          <span title={fullTime(hold.since)}>since {shortTime(hold.since)}</span>
        )}
        . {what.kind === 'everything' ? 'No run' : 'None of its runs'} begins or goes on; triggers
        go on making runs, which wait.
      </Text>
    </Notice>
  );
}
