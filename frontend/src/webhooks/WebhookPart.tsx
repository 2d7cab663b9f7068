import { Link } from 'react-router';
import type { GraphNode, Workflow } from '../api/types';
import { Facts } from '../ui/Facts';
import { Listen } from './Listen';
import { answerOf, sendersOf } from './senders';

/** What the detail of a webhook has beside its address: its senders, a try, what came. */
export function WebhookPart({ workflow, node }: { workflow: Workflow; node: GraphNode }) {
  return (
    <>
      <Facts
        facts={[
          ['Who may send', sendersOf(node.params)],
          ['Answer', answerOf(node.params)],
          [
            'Inbox',
            <Link key="inbox" to={`/workflows/${workflow.id}/requests?node=${node.id}`}>
              Requests that came
            </Link>,
          ],
        ]}
      />
      <Listen key={node.id} workflow={workflow} node={node} />
    </>
  );
}
