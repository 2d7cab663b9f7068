import { Button, FileButton, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useNavigate } from 'react-router';
import { parseExact } from '../api/exactJson';
import type { ConversionReport as Report, Graph, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { pieceIn } from '../graph/clipboard';
import { isN8n } from '../graph/n8n';
import { useSession } from '../session/session';
import { JsonField } from '../ui/JsonField';
import { ErrorNotice } from '../ui/Notices';
import { LONGEST_NAME, useMakeWorkflow } from '../workflows/makeWorkflow';
import { ConversionReport, saysMuch } from './ConversionReport';
import { n8nBody } from './queries';

interface Imported {
  workflow: Workflow;
  report: Report;
}

/** Makes a workflow of a file or text: of n8n, or a graph of FlowForge. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const navigate = useNavigate();
  const make = useMakeWorkflow();
  const bring = useImport();
  const kind = kindOf(text);
  const imported = bring.data;

  function take(found: string, called: string) {
    setText(found);
    setName((before) => nameIn(found) ?? (before === '' ? called : before));
  }

  function send(event: SyntheticEvent) {
    event.preventDefault();
    if (kind === 'n8n') {
      bring.mutate(
        { name, text },
        {
          onSuccess: ({ workflow, report }) => {
            if (!saysMuch(report)) void navigate(`/workflows/${workflow.id}/edit`);
          },
        },
      );
    } else make.mutate({ name, graph: graphIn(text) });
  }

  if (imported !== undefined) {
    return (
      <Modal opened onClose={onClose} title={`${imported.workflow.name} was imported`} size="lg">
        <ConversionReport report={imported.report} />
        <Group justify="flex-end" mt="md">
          <Button
            data-autofocus
            onClick={() => void navigate(`/workflows/${imported.workflow.id}/edit`)}
          >
            Open its canvas
          </Button>
        </Group>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Import a workflow" size="lg">
      <form onSubmit={send}>
        <Stack gap="sm">
          <FileButton
            accept="application/json,.json"
            onChange={(file) =>
              void file?.text().then((found) => take(found, file.name.replace(/\.json$/, '')))
            }
          >
            {(props) => (
              <Button variant="default" style={{ alignSelf: 'start' }} {...props}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <JsonField
            label="Or paste it here"
            description="A workflow of n8n, or a graph of FlowForge, as JSON."
            value={text}
            onChange={(found) => take(found, '')}
            error={text.trim() !== '' && kind === null ? UNKNOWN : undefined}
          />
          <TextInput
            label="Name"
            required
            maxLength={LONGEST_NAME}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {(bring.error ?? make.error) !== null && (
            <ErrorNotice error={(bring.error ?? make.error) as Error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button
              type="submit"
              loading={bring.isPending || make.isPending}
              disabled={kind === null || name.trim() === ''}
            >
              Import
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const UNKNOWN = 'This is neither a workflow of n8n nor a graph of FlowForge.';

function useImport() {
  const { workspace } = useSession();
  const queryClient = useQueryClient();
  const create = useCreate<Imported>();
  return useMutation({
    mutationFn: ({ name, text }: { name: string; text: string }) =>
      create('/import/n8n', n8nBody(text, { name, workspace: workspace.id })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['workflows'] }),
  });
}

function kindOf(text: string): 'n8n' | 'ours' | null {
  if (isN8n(text)) return 'n8n';
  return (pieceIn(text)?.nodes.length ?? 0) > 0 ? 'ours' : null;
}

/** A whole graph keeps its settings; nodes that were copied become one. */
function graphIn(text: string): Graph {
  const whole = parseExact(text) as Partial<Graph>;
  const { nodes = [], edges = [], settings = {}, sticky_notes, groups } = whole;
  return {
    schema: 1,
    nodes,
    edges,
    settings,
    ...(sticky_notes && { sticky_notes }),
    ...(groups && { groups }),
  };
}

function nameIn(text: string): string | null {
  try {
    const { name } = JSON.parse(text) as { name?: unknown };
    return typeof name === 'string' && name.trim() !== '' ? name.slice(0, LONGEST_NAME) : null;
  } catch {
    return null;
  }
}
