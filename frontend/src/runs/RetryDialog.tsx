import { Button, Modal, Select, Stack, Text } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { stringifyExact } from '../api/exactJson';
import type { Run } from '../api/types';
import { isJson } from '../ui/isJson';
import { JsonField } from '../ui/JsonField';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { useGraph, useWorkflow } from '../workflows/queries';
import { useInput, useRan, useRetry } from './queries';
import { ON_DRAFT, VERSIONS } from './versions';

interface Asked {
  run: Run;
  /** Where it begins unless somebody chooses otherwise. */
  from?: string;
  /** What is done with the new run; without, the page goes there. */
  onMade?: ((made: Run) => void) | undefined;
  /** Saves the draft, where one is open: the retry goes on that unless somebody chooses otherwise. */
  flush?: (() => Promise<number>) | undefined;
}

/** Asks where a retry begins, on which version, and, from the start, with what input. */
export function RetryDialog({ onClose, ...asked }: Asked & { onClose: () => void }) {
  const { run } = asked;
  const input = useInput(run.id);
  return (
    <Modal opened onClose={onClose} title="Retry this run" size="lg">
      {input.isPending ? (
        <LoadingNotice what="its input" />
      ) : (
        <RetryForm {...asked} given={input.data == null ? '' : stringifyExact(input.data)} />
      )}
    </Modal>
  );
}

function RetryForm(props: Asked & { given: string }) {
  const { run, from: proposed = 'start', onMade, flush, given } = props;
  const retry = useRetry(run.id, onMade, flush);
  const { data: graph } = useGraph(run.workflow, run.version);
  const { data: ran } = useRan(run.id);
  const [from, setFrom] = useState(proposed);
  const isPublished = (useWorkflow(run.workflow).data?.version ?? null) !== null;
  const versions = [
    ...(flush === undefined ? [] : [ON_DRAFT]),
    ...VERSIONS.filter(({ value }) => value !== 'published' || isPublished),
  ];
  const [version, setVersion] = useState<string>(flush === undefined ? 'same' : ON_DRAFT.value);
  const [text, setText] = useState(given);
  const isEdited = from === 'start' && text.trim() !== given.trim();
  const starts = [
    { value: 'start', label: 'The start: every step runs again' },
    { value: 'failed', label: 'What failed: finished steps are taken over' },
    ...(graph?.nodes ?? [])
      .filter(({ id }) => id !== 'start' && id !== 'failed')
      // From one that never ran nothing would be done again; what failed before it is “what failed”.
      .filter(({ id }) => id === proposed || ran === null || ran?.has(id))
      .map(({ id, name }) => ({ value: id, label: name })),
  ];

  function send(event: SyntheticEvent) {
    event.preventDefault();
    retry.mutate({ from, version, ...(isEdited && { input: text }) });
  }

  return (
    <form noValidate onSubmit={send}>
      <Stack gap="sm">
        <Select
          label="Begin at"
          data={starts}
          value={from}
          allowDeselect={false}
          searchable
          onChange={(value) => value !== null && setFrom(value)}
        />
        <Select
          label="On"
          data={versions}
          value={version}
          allowDeselect={false}
          onChange={(value) => value !== null && setVersion(value)}
        />
        {from === 'start' ? (
          <JsonField
            label="Input"
            description="The items that the trigger gives. What you change here, the new run is given."
            value={text}
            onChange={setText}
          />
        ) : (
          <Text size="sm" c="var(--ff-muted)">
            What ended before is taken over as it was, so that nothing of it happens again.
          </Text>
        )}
        {retry.error !== null && <ErrorNotice error={retry.error} />}
        <Button
          type="submit"
          size="sm"
          loading={retry.isPending}
          disabled={isEdited && !isJson(text)}
        >
          Retry
        </Button>
      </Stack>
    </form>
  );
}
