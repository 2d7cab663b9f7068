import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { get } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type {
  Draft,
  Graph,
  GraphNode,
  HookAddress,
  Json,
  ListedWorkflow,
  NodeTypes,
  Page,
  Run,
  Version,
  Workflow,
} from '../api/types';
import { useCreate } from '../api/useCreate';
import { captionOf } from '../params/shape';
import { isPathMade, type MadePaths } from './hookOf';
import { startsAtOnce } from './startOf';

export interface WorkflowFilter {
  workspace: string;
  search?: string | null;
  status?: string | null;
  tag?: string | null;
  cursor?: string | null;
  limit: number;
}

export function useWorkflows(filter: WorkflowFilter) {
  return useQuery({
    queryKey: ['workflows', filter],
    queryFn: ({ signal }) => get<Page<ListedWorkflow>>('/workflows', { ...filter }, signal),
    placeholderData: keepWithin(filter.workspace),
  });
}

/** The tags that workflows of the workspace have. */
export function useTags(workspace: string) {
  return useQuery({
    queryKey: ['workflow-tags', workspace],
    queryFn: ({ signal }) =>
      get<{ results: string[] }>(`/workspaces/${workspace}/workflow-tags`, {}, signal),
    select: ({ results }) => results,
  });
}

/** One workflow; null asks for none. */
export function useWorkflow(id: string | null) {
  return useQuery({
    queryKey: ['workflow', id],
    queryFn: ({ signal }) => get<Workflow>(`/workflows/${id}`, {}, signal),
    enabled: id !== null,
  });
}

/**
 * The graph of one version, which never changes; of version null, the draft as it is now. Undefined
 * asks for none.
 */
export function useGraph(workflow: string, version: number | null | undefined) {
  return useQuery({ ...graphOf(workflow, version ?? null), enabled: version !== undefined });
}

function graphOf(workflow: string, version: number | null) {
  return queryOptions({
    queryKey: ['graph', workflow, version],
    queryFn: async ({ signal }): Promise<Graph> => {
      const path = version === null ? 'draft' : `versions/${version}`;
      return (await get<Version | Draft>(`/workflows/${workflow}/${path}`, {}, signal)).graph;
    },
    staleTime: version === null ? 0 : Infinity,
  });
}

/** The paths that were made for the webhooks of a graph, as far as they are live. */
export function useMadePaths(workflow: string, graph: Graph | undefined): MadePaths {
  const { data } = useQuery({
    queryKey: ['hooks', workflow],
    queryFn: ({ signal }) => get<Page<HookAddress>>('/hooks', { workflow, limit: 100 }, signal),
    enabled: graph?.nodes.some(isPathMade) ?? false,
  });
  const live = data?.results.filter(({ is_live }) => is_live) ?? [];
  return Object.fromEntries(live.map(({ node, path }) => [node, path]));
}

/**
 * What a node type is called, what a node is called beside its name, the type's kind, and an item that
 * a trigger gives. Until the types are known "http_call" reads "http call", its kind is undefined, and
 * its example {}; and of `retryable` the errors after which a node may be tried again, none.
 */
export function useNodeTypes() {
  const { data, error, refetch } = useQuery({
    queryKey: ['node-types'],
    queryFn: ({ signal }) => get<NodeTypes>('/node-types', {}, signal),
    staleTime: Infinity,
  });
  const types = useMemo(() => new Map(data?.results.map((each) => [each.type, each])), [data]);
  return useMemo(() => {
    const labelOf = (type: string) => types.get(type)?.label ?? type.replaceAll('_', ' ');
    return {
      areKnown: data !== undefined,
      error,
      refetch,
      all: data?.results ?? [],
      retryable: data?.retryable ?? [],
      typeOf: (type: string) => types.get(type),
      labelOf,
      captionOf: ({ type, params }: Pick<GraphNode, 'type' | 'params'>) =>
        captionOf(types.get(type)?.params_schema ?? {}, params) ?? labelOf(type),
      kindOf: (type: string) => types.get(type)?.kind,
      exampleOf: (type: string): Json => types.get(type)?.example ?? {},
    };
  }, [data, error, refetch, types]);
}

/** Start a run and go to its page. `input` is JSON text; what was never published runs as draft. */
export function useRunNow(workflow: Workflow) {
  const navigate = useNavigate();
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: (input: string | null) => {
      const parts = [
        workflow.version === null ? '"version":"draft"' : null,
        input === null ? null : `"input":${input}`,
      ].filter((part) => part !== null);
      return create(`/workflows/${workflow.id}/runs`, `{${parts.join(',')}}`);
    },
    onSuccess: (run) => navigate(`/runs/${run.id}`),
  });
}

/** Start a run, or, where it begins with what must be asked for, call `onAsk` instead. */
export function useRunAtOnce(workflow: Workflow, onAsk: () => void) {
  const queryClient = useQueryClient();
  const runNow = useRunNow(workflow);
  return useMutation({
    mutationFn: async () => {
      const graph = await queryClient.query(graphOf(workflow.id, workflow.version));
      if (startsAtOnce(graph)) await runNow.mutateAsync(null);
      else onAsk();
    },
  });
}
