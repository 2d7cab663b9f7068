/** The shapes of the HTTP contract that these pages use. */

export type Json = unknown;

export type Role = 'viewer' | 'operator' | 'editor' | 'admin';

export interface Workspace {
  id: string;
  name: string;
  role: Role;
}

export interface Me {
  id: string;
  email: string;
  is_staff: boolean;
  workspaces: Workspace[];
}

export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export interface Fault {
  path: string;
  code: string;
  message: string;
}

export type WorkflowStatus = 'draft' | 'active' | 'archived';

export interface Workflow {
  id: string;
  workspace: string;
  name: string;
  status: WorkflowStatus;
  version: number | null;
  latest_version: number | null;
  created_at: string;
  updated_at: string;
}

export interface GraphNode {
  id: string;
  type: string;
  type_version?: number;
  name: string;
  params: Record<string, Json>;
  position?: [number, number];
  disabled?: boolean;
  notes?: string;
}

export interface GraphEdge {
  source: string;
  source_output: string;
  target: string;
  target_input: string;
}

export interface Graph {
  schema?: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
  settings?: Record<string, Json>;
}

export interface Draft {
  graph: Graph;
  revision: number;
  errors: Fault[];
  warnings: Fault[];
}

export interface Version {
  id: string;
  workflow: string;
  version: number;
  note: string | null;
  created_by: string | null;
  created_at: string;
  published_at?: string | null;
  graph: Graph;
}

export type RunStatus = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';

export type StepStatus = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped';

export type WaitReason = 'delay' | 'signal' | 'child' | 'retry' | 'decision';

export interface Waiting {
  step: string | null;
  node: string | null;
  for: WaitReason;
  until: string | null;
}

export interface Run {
  id: string;
  workspace: string;
  workflow: string;
  workflow_name: string;
  version: number;
  status: RunStatus;
  trigger: string;
  /** The id of the user who started it. */
  triggered_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  wake_at: string | null;
  waiting_for: Waiting[];
  error_code: string | null;
  error_message: string | null;
  parent_run: string | null;
  retry_of: string | null;
  seq: number;
}

export interface StepError {
  code?: string;
  message: string;
  hint?: string | null;
}

export interface Attempt {
  n: number;
  seq: number;
  at: string;
  error?: StepError | string | null;
  worker?: string | null;
}

export interface LogLine {
  seq: number;
  at: string;
  level: string;
  text: string;
}

export interface Step {
  id: string;
  run: string;
  node: string;
  iteration: number;
  status: StepStatus;
  started_at: string | null;
  finished_at: string | null;
  retry_count: number;
  attempts: Attempt[];
  log: LogLine[];
  error: string | null;
  error_code: string | null;
  error_hint?: string | null;
  output_counts: Record<string, number> | null;
  copied_from: string | null;
  input_json?: Json;
  output_json?: Json;
}

export type Decision = 'run_again' | 'fail' | 'use';
