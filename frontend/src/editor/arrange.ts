/** ELK, which lays out graphs: large, so it is loaded once it is asked for, and works beside the page. */

import type { Graph } from '../api/types';
import { tidied } from '../graph/layout';
import type { Ports } from '../graph/ports';
import { laidOut, toElk } from '../graph/tidy';

/**
 * How the nodes are to be laid out: an edit for whatever the graph is by then. Where ELK cannot be
 * loaded, as after an upgrade, a whole graph is laid out without it.
 */
export async function arranged(
  graph: Graph,
  ids: ReadonlySet<string>,
  portsOf: (id: string) => Ports,
): Promise<(graph: Graph) => Graph> {
  try {
    const [{ default: ELK }, { default: workerUrl }] = await Promise.all([
      import('elkjs/lib/elk-api.js'),
      import('elkjs/lib/elk-worker.min.js?url'),
    ]);
    const elk = new ELK({ workerUrl });
    try {
      const answer = await elk.layout(toElk(graph, ids, portsOf));
      return (before) => laidOut(before, answer);
    } finally {
      elk.terminateWorker();
    }
  } catch (error) {
    if (ids.size < graph.nodes.length) throw error;
    return tidied;
  }
}
