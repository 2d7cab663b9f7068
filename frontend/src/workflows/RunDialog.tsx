import { Button, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState, type SyntheticEvent } from 'react';
import { parseExact, stringifyExact } from '../api/exactJson';
import { ApiError } from '../api/client';
import type { Graph, GraphNode, Json, Workflow } from '../api/types';
import { faultsAt } from '../forms/faultsAt';
import { emptyForm, fieldsOf, formOf, jsonOf, type Field, type FormState } from '../forms/fields';
import { SchemaForm } from '../forms/SchemaForm';
import { JsonField } from '../ui/JsonField';
import { isJson } from '../ui/isJson';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { Read } from '../ui/Read';
import { useGraph, useNodeTypes, useRunNow } from './queries';
import { inputSchemaOf, startOf } from './startOf';

interface Props {
  workflow: Workflow;
  onClose: () => void;
}

/** What starts the run that is asked for. */
interface Starting {
  mutate: (input: string) => void;
  error: Error | null;
  isPending: boolean;
  reset: () => void;
}

/** Asks for the input of a run: by a form where the workflow says what it is, else as JSON. */
export function RunDialog({ workflow, onClose }: Props) {
  const graph = useGraph(workflow.id, workflow.version);
  const starting = useRunNow(workflow);
  return (
    <Modal opened onClose={onClose} title={`Run ${workflow.name}`} size="lg">
      <Read of={graph} what="what it asks for">
        {(graph) => <AskedInput graph={graph} starting={starting} />}
      </Read>
    </Modal>
  );
}

interface AskedProps {
  graph: Graph;
  /** The node that the run stops at, if it does. */
  stop?: string | undefined;
  /** As JSON: what was given to the run before. */
  last?: string | undefined;
  starting: Starting;
}

/** Asks for what the trigger that a run of the graph begins at is to give. */
export function AskedInput({ graph, stop, last, starting }: AskedProps) {
  const types = useNodeTypes();
  const start = startOf(graph, types.kindOf, stop);
  if (start?.type === 'manual') {
    return <InputForm starting={starting} start={start} last={last} />;
  }
  if (!types.areKnown) {
    if (types.error === null) return <LoadingNotice what="what it asks for" />;
    return <ErrorNotice error={types.error} onRetry={() => void types.refetch()} />;
  }
  if (start === undefined) {
    return <EmptyNotice title="Nothing can start it">Its graph has no trigger.</EmptyNotice>;
  }
  return (
    <Stack gap="sm">
      <Text size="sm">
        The run begins at <strong>{start.name}</strong> ({types.labelOf(start.type)}), which is
        given the input below instead of what would come to it.
        {start.type === 'schedule' &&
          ' Its real item is given by “Run the schedule now”, beside the node.'}
      </Text>
      <InputForm
        starting={starting}
        start={start}
        last={last}
        example={pinnedIn(start) ?? types.exampleOf(start.type)}
      />
    </Stack>
  );
}

/** What the first output of a pinned node gives, or null. */
function pinnedIn({ pinned }: GraphNode): Json {
  const isPinned = typeof pinned === 'object' && pinned !== null;
  return isPinned ? (Object.values(pinned)[0] as Json) : null;
}

interface InputProps extends Pick<AskedProps, 'last' | 'starting'> {
  start: GraphNode;
  example?: Json;
}

function InputForm({ starting, start, last, example = [{}] }: InputProps) {
  const schema = inputSchemaOf(start);
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const before = last === undefined ? null : formIn(fields, last);
  const [form, setForm] = useState(() => before ?? emptyForm(fields));
  const [text, setText] = useState(() => last ?? stringifyExact(example));
  const [isForm, setIsForm] = useState(
    fields.length > 0 && (last === undefined || before !== null),
  );
  const input = isForm ? jsonOf(fields, form) : text;
  const fitting = isForm ? form : formIn(fields, text);
  const { atFields, other } = isForm
    ? toldOf(fields, starting.error)
    : { atFields: {}, other: starting.error };

  function show(asForm: boolean) {
    if (asForm && fitting !== null) setForm(fitting);
    if (!asForm && isJson(input)) setText(stringifyExact(parseExact(input)));
    starting.reset();
    setIsForm(asForm);
  }

  function run(event: SyntheticEvent) {
    event.preventDefault();
    starting.mutate(input);
  }

  return (
    <form noValidate onSubmit={run}>
      <Stack>
        {fields.length > 0 && (
          <SegmentedControl
            aria-label="How the input is given"
            data={[
              { value: 'form', label: 'Form', disabled: fitting === null },
              { value: 'json', label: 'As JSON' },
            ]}
            value={isForm ? 'form' : 'json'}
            onChange={(way) => show(way === 'form')}
            style={{ alignSelf: 'start' }}
          />
        )}
        {isForm ? (
          <SchemaForm fields={fields} form={form} onChange={setForm} faults={atFields} />
        ) : (
          <>
            <Text size="sm">
              One object, or a list of objects: each becomes an item that the trigger gives.
            </Text>
            <JsonField label="Input" value={text} onChange={setText} />
          </>
        )}
        {other !== null && <ErrorNotice error={other} />}
        <Button
          type="submit"
          size="sm"
          data-autofocus={fields.length === 0 || undefined}
          disabled={!isJson(input)}
          loading={starting.isPending}
        >
          Run
        </Button>
      </Stack>
    </form>
  );
}

/** What a form would hold of JSON that was typed; null where it cannot hold it all. */
function formIn(fields: Field[], text: string): FormState | null {
  const value = isJson(text) ? parseExact(text) : null;
  const [item, ...more] = Array.isArray(value) ? (value as Json[]) : [value];
  return more.length > 0 ? null : formOf(fields, item);
}

/** What was wrong with fields, and the error that is left beside: none where fields tell it all. */
function toldOf(fields: Field[], error: Error | null) {
  if (!(error instanceof ApiError)) return { atFields: {}, other: error };
  const { atFields, others } = faultsAt('input[0]', fields, error.faults);
  const isToldAtFields = error.faults.length > 0 && others.length === 0;
  return {
    atFields,
    other: isToldAtFields ? null : new ApiError(error.status, error.detail, others),
  };
}
