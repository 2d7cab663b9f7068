import { List, Modal } from '@mantine/core';
import type { ConversionReport as Report, NodeType, Run } from '../api/types';
import type { Ports } from '../graph/ports';
import { ConversionReport } from '../interchange/ConversionReport';
import { RetryDialog } from '../runs/RetryDialog';
import { Notice } from '../ui/Notice';
import { KeepDialog } from '../versions/KeepDialog';
import { useNodeTypes } from '../workflows/queries';
import type { Action } from './action';
import { fits, wordsFor, type Spot } from './added';
import { CommandBar } from './CommandBar';
import { ConnectDialog } from './ConnectDialog';
import { useEditing, useEditorState, useUnread } from './context';
import type { Marks } from './flow';
import { Outline } from './Outline';
import { Palette } from './Palette';
import { unreadOf } from './UnreadTexts';

/** What stands above the editor: one at a time. */
export type Dialog =
  | { what: 'commands' }
  | { what: 'outline' }
  | { what: 'palette'; spot: Spot }
  | { what: 'connect'; from: string }
  | { what: 'keep'; isPublished: boolean }
  | { what: 'retry'; run: Run; from: string }
  | { what: 'pasted'; report: Report };

interface Props {
  dialog: Dialog | null;
  actions: Action[];
  marks: (id: string) => Marks;
  /** What is to be known before the draft is published. */
  hints: string[];
  portsOf: (id: string) => Ports;
  onAdd: (type: NodeType, spot: Spot) => void;
  onShow: (node: string) => void;
  /** A retry made this run. */
  onMade: (run: Run) => void;
  onClose: () => void;
}

export function Dialogs(props: Props) {
  const { dialog, actions, marks, hints, portsOf, onAdd, onShow, onMade, onClose } = props;
  const { workflow, saver } = useEditing();
  const { graph } = useEditorState();
  const { all } = useNodeTypes();
  const unread = unreadOf(graph, useUnread());
  switch (dialog?.what) {
    case 'commands':
      return <CommandBar actions={actions} onClose={onClose} />;
    case 'outline':
      return <Outline marks={marks} onShow={onShow} onClose={onClose} />;
    case 'palette':
      return (
        <Palette
          types={all.filter((type) => fits(type, dialog.spot))}
          where={wordsFor(dialog.spot, graph)}
          onPick={(type) => onAdd(type, dialog.spot)}
          onClose={onClose}
        />
      );
    case 'connect':
      return <ConnectDialog from={dialog.from} portsOf={portsOf} onClose={onClose} />;
    case 'keep':
      return (
        <KeepDialog
          workflow={workflow}
          flush={() => saver.flush()}
          isPublished={dialog.isPublished}
          onClose={onClose}
        >
          {unread.length > 0 && (
            <Notice tone="failed" icon="warning" title="Not saved, and not in it">
              <Told label="What cannot be read yet" told={unread.map(({ message }) => message)} />
            </Notice>
          )}
          {dialog.isPublished && hints.length > 0 && (
            <Notice
              tone="waiting"
              icon="warning"
              title={hints.length === 1 ? 'One hint' : `${hints.length} hints`}
            >
              <Told label="Hints" told={hints} />
            </Notice>
          )}
        </KeepDialog>
      );
    case 'retry':
      return (
        <RetryDialog
          run={dialog.run}
          from={dialog.from}
          flush={() => saver.flush()}
          onMade={onMade}
          onClose={onClose}
        />
      );
    case 'pasted':
      return (
        <Modal opened onClose={onClose} title="Pasted from n8n" size="lg">
          <ConversionReport report={dialog.report} />
        </Modal>
      );
    case undefined:
      return null;
  }
}

function Told({ label, told }: { label: string; told: string[] }) {
  return (
    <List size="sm" aria-label={label}>
      {told.map((each) => (
        <List.Item key={each}>{each}</List.Item>
      ))}
    </List>
  );
}
