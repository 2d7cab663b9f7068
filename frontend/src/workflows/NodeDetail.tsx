import type { Graph, GraphNode, NodeSettings, Workflow } from '../api/types';
import { SchedulePart } from '../schedules/SchedulePart';
import { useSession } from '../session/session';
import { CopyText } from '../ui/CopyText';
import { Detail } from '../ui/Detail';
import { Facts, type Fact } from '../ui/Facts';
import { zoneOf } from '../graph/zone';
import { JsonView } from '../ui/JsonView';
import { WebhookPart } from '../webhooks/WebhookPart';
import { isPathMade, type Hook } from './hookOf';
import classes from './NodeDetail.module.css';
import { useNodeTypes } from './queries';

const ON_ERROR: Record<NonNullable<NodeSettings['on_error']>, string> = {
  stop: 'Stop the run',
  continue: 'Go on with the error as data',
  route: 'Go on by the output “error”',
};

const ON_CRASH: Record<NonNullable<NodeSettings['on_crash']>, string> = {
  run_again: 'Run again',
  fail: 'Fail',
  ask: 'Ask for a decision',
};

interface Props {
  workflow: Workflow;
  graph: Graph;
  node: GraphNode;
  /** What the node listens for, if it does. */
  hook: Hook | null;
  onClose: () => void;
}

/** What a node of a workflow is set to do. To look at: graphs are made elsewhere. */
export function NodeDetail({ workflow, graph, node, hook, onClose }: Props) {
  const { labelOf, kindOf } = useNodeTypes();
  const kind = kindOf(node.type);
  return (
    <Detail
      what="Node"
      title={node.name}
      facts={
        <>
          <span>{labelOf(node.type)}</span>
          {node.disabled && <span>disabled</span>}
        </>
      }
      onClose={onClose}
    >
      {node.notes && <p className={classes.notes}>{node.notes}</p>}
      {hook !== null && (
        <Address
          hook={hook}
          isActive={workflow.status === 'active'}
          isPage={node.type === 'form'}
        />
      )}
      {hook === null && isPathMade(node) && !node.disabled && (
        <p className={classes.quiet}>Its address is made when the workflow is activated.</p>
      )}
      {node.type === 'webhook' && <WebhookPart workflow={workflow} node={node} />}
      {node.type === 'schedule' && !node.disabled && (
        <SchedulePart workflow={workflow} node={node} timezone={zoneOf(graph)} />
      )}
      <Params params={node.params} />
      {kind !== 'trigger' && <Settings node={node} isEffect={kind === 'effect'} />}
    </Detail>
  );
}

interface AddressProps {
  hook: Hook;
  isActive: boolean;
  /** Whether it is there to be opened in a browser. */
  isPage: boolean;
}

function Address({ hook, isActive, isPage }: AddressProps) {
  const { me } = useSession();
  const address = `${me.hooks_url}${hook.path}`;
  return (
    <section>
      <div className={classes.head}>
        <h3>Address</h3>
        <CopyText text={address} />
      </div>
      <code className={classes.address}>
        {isPage && isActive ? (
          <a href={address} target="_blank" rel="noreferrer">
            {address}
          </a>
        ) : (
          `${hook.methods.join(', ')} ${address}`
        )}
      </code>
      {!isActive && <p className={classes.quiet}>It answers once the workflow is active.</p>}
    </section>
  );
}

function Params({ params }: { params: GraphNode['params'] }) {
  const names = Object.keys(params);
  const code = names.filter((name) => isCode(params[name]));
  const rest = Object.fromEntries(Object.entries(params).filter(([, value]) => !isCode(value)));
  return (
    <section>
      <h3>Parameters</h3>
      {names.length === 0 && <p className={classes.quiet}>This node has no parameters.</p>}
      {Object.keys(rest).length > 0 && <JsonView value={rest} />}
      {code.map((name) => (
        <div key={name}>
          <div className={classes.codeName}>{name}</div>
          <pre className={classes.code}>{String(params[name])}</pre>
        </div>
      ))}
    </section>
  );
}

/** Text that JSON would write with signs of its own is easier to read as it is. */
function isCode(value: unknown): boolean {
  return typeof value === 'string' && JSON.stringify(value) !== `"${value}"`;
}

function Settings({ node, isEffect }: { node: GraphNode; isEffect: boolean }) {
  const ofAll: Fact[] = [
    ['Retry', retrySentence(node)],
    ['On error', ON_ERROR[node.on_error ?? 'stop']],
  ];
  const ofEffects: Fact[] = [
    ['If its worker is lost', node.on_crash ? ON_CRASH[node.on_crash] : 'As its type does'],
    ['Timeout', `${node.timeout_s ?? 60} s for each attempt`],
  ];
  return (
    <section>
      <h3>Settings</h3>
      <Facts facts={isEffect ? [...ofAll, ...ofEffects] : ofAll} />
    </section>
  );
}

function retrySentence({ retry }: GraphNode): string {
  const count = retry?.count ?? 0;
  if (count === 0) return 'Not tried again';
  const wait = `after ${retry?.wait_s ?? 1} s`;
  return count === 1 ? `Once, ${wait}` : `Up to ${count} times, the first ${wait}`;
}
