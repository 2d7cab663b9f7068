import { Button, Group } from '@mantine/core';
import { Notice } from '../ui/Notice';
import { shortTime } from '../ui/times';
import type { Kept } from './KeptDraft';

interface Props {
  kept: Kept;
  /** Somebody, or another window, has saved the draft since. */
  isBehind: boolean;
  onTake: () => void;
  onLetGo: () => void;
}

/** Offers what was left unsaved the last time. */
export function UnsavedOffer({ kept, isBehind, onTake, onLetGo }: Props) {
  return (
    <Notice
      tone="waiting"
      icon="clock"
      role="status"
      title={`Changes of ${shortTime(kept.at)} were not saved`}
      deed={
        <Group gap="xs">
          <Button size="compact-xs" variant="default" onClick={onLetGo}>
            Let them go
          </Button>
          <Button size="compact-xs" onClick={onTake}>
            Take them in
          </Button>
        </Group>
      }
    >
      This browser has kept them.
      {isBehind && ' The draft was saved since: they replace that. It can be undone.'}
    </Notice>
  );
}
