import { Button, Checkbox, Group } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { GraphNode, Listener, Workflow } from '../api/types';
import { useMay } from '../session/session';
import { CopyText } from '../ui/CopyText';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import { Read } from '../ui/Read';
import { useFailureNotice } from '../ui/useFailureNotice';
import { curlOf, remarkOf } from './curl';
import classes from './Listen.module.css';
import { useListen, useListener, useRequest, useStopListening } from './queries';
import { RequestParts } from './RequestParts';
import { useSecondsUntil } from './useSecondsUntil';

interface Props {
  workflow: Workflow;
  node: GraphNode;
  /** In the editor: saves the draft as it is there. The run is shown there, too. */
  flush?: () => Promise<unknown>;
}

/** Has the draft's webhook listen for one request at an address for tests, and shows what came. */
export function Listen({ workflow, node, flush }: Props) {
  const mayListen = useMay('editor');
  const listener = useListener(workflow.id, node.id);
  const listen = useListen(workflow.id, node.id, flush);
  const [runs, setRuns] = useState(flush !== undefined);
  const seconds = useSecondsUntil(listener?.until ?? null);
  if (!mayListen || workflow.status === 'archived' || node.disabled) return null;
  const isListening = listener?.request === null && seconds > 0;
  return (
    <section className={classes.listen}>
      <h3>Try it out</h3>
      {listen.error !== null && <ErrorNotice error={listen.error} />}
      {listener !== undefined && (
        <Outcome
          listener={listener}
          node={node}
          seconds={isListening ? seconds : 0}
          isEditing={flush !== undefined}
        />
      )}
      {!isListening && (
        <>
          {listener === undefined && (
            <p className={classes.quiet}>
              The webhook of the draft listens for one request, and shows it.
            </p>
          )}
          <Group gap="sm">
            <Button
              variant="default"
              loading={listen.isPending}
              onClick={() => listen.mutate(runs)}
            >
              {listener === undefined ? 'Listen for a test request' : 'Listen again'}
            </Button>
            <Checkbox
              size="xs"
              label="and run the draft"
              checked={runs}
              onChange={(event) => setRuns(event.currentTarget.checked)}
            />
          </Group>
        </>
      )}
    </section>
  );
}

interface ListeningProps {
  listener: Listener;
  node: GraphNode;
  /** That it listens for; 0: it does not any more. */
  seconds: number;
}

function Outcome({ isEditing, ...props }: ListeningProps & { isEditing: boolean }) {
  const { listener, seconds } = props;
  if (listener.request !== null) {
    return <Came listener={listener} request={listener.request} isEditing={isEditing} />;
  }
  if (seconds > 0) return <Listening {...props} />;
  return (
    <Notice tone="stopped" icon="stop" title="Nothing came, and it listens no more" role="status" />
  );
}

function Listening({ listener, node, seconds }: ListeningProps) {
  const stop = useStopListening(listener);
  useFailureNotice(stop.error, 'It still listens');
  const command = curlOf(listener.url, node.params);
  const remark = remarkOf(node.params);
  return (
    <>
      <Notice
        tone="waiting"
        icon="clock"
        title={<span role="status">Listening for a request…</span>}
        deed={
          <Group gap="xs" wrap="nowrap">
            <span role="timer" className={classes.timer}>
              {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
            </span>
            <Button
              variant="default"
              size="compact-xs"
              loading={stop.isPending}
              onClick={() => stop.mutate()}
            >
              Stop
            </Button>
          </Group>
        }
      />
      {listener.refusal !== null && (
        <Notice
          tone="failed"
          icon="cross"
          title={`Not let in: ${listener.refusal.status}`}
          role="status"
        >
          {listener.refusal.message}
        </Notice>
      )}
      <Copied name="Address for tests" text={listener.url} />
      <Copied name="To try it" text={command} />
      {remark !== '' && <p className={classes.quiet}>{remark}</p>}
    </>
  );
}

function Copied({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <div className={classes.head}>
        <span className={classes.quiet}>{name}</span>
        <CopyText text={text} />
      </div>
      <pre className={classes.code}>{text}</pre>
    </div>
  );
}

interface CameProps {
  listener: Listener;
  request: string;
  isEditing: boolean;
}

function Came({ listener, request: id, isEditing }: CameProps) {
  const request = useRequest(id, listener.workflow);
  return (
    <Read of={request} what="the request">
      {(request) => (
        <>
          <Notice tone="completed" icon="check" title={`${request.method} came`} role="status">
            <Group gap="md">
              {request.run !== null && (
                <Link to={isEditing ? `?run=${request.run}` : `/runs/${request.run}`}>
                  Show its run
                </Link>
              )}
              <Link to={`/workflows/${listener.workflow}/requests?request=${id}`}>
                Show it in the inbox
              </Link>
            </Group>
          </Notice>
          <RequestParts request={request} />
        </>
      )}
    </Read>
  );
}
