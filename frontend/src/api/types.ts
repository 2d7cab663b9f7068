/**
 * The shapes of the HTTP contract that these pages use. They are read from the API's own
 * description (`npm run schema`); what it leaves open, as JSON, is said here.
 */

import type { Schema as JsonSchema } from '../forms/schema';
import type { components } from './schema';

type Schemas = components['schemas'];

/** `T` with some members told more exactly. */
type Refined<T, U> = Omit<T, keyof U> & U;

export type Json = unknown;

export type Role = Schemas['RoleEnum'];
export type Workspace = Schemas['MyWorkspace'];
/** Who is signed in here is a person, and has an address. */
export type Me = Refined<Schemas['Me'], { email: string }>;

export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export type Fault = Schemas['Fault'];

export type WorkflowStatus = Schemas['WorkflowStatus'];
export type Workflow = Schemas['Workflow'];
export type LastRun = Refined<Schemas['LastRun'], { status: RunStatus }>;
/** A workflow as the list tells of it. */
export type ListedWorkflow = Refined<Schemas['ListedWorkflow'], { last_run: LastRun | null }>;
export type HookAddress = Schemas['Hook'];

export type HookRequest = Schemas['Request'];
export type HookRequestDetail = Schemas['RequestDetail'];
export type HookBody = Schemas['Body'];
export type Listener = Schemas['Listener'];

export type Schedule = Schemas['Schedule'];
export type ScheduleTimes = Schemas['Times'];
export type Slot = Schemas['Slot'];
export type Fire = Schemas['Fire'];
export type Backfilled = Schemas['Backfilled'];
export type BackfillEstimate = Schemas['BackfillEstimate'];

export interface NodeSettings {
  retry?: Retry;
  on_error?: 'stop' | 'continue' | 'route';
  on_crash?: 'run_again' | 'fail' | 'ask' | null;
  timeout_s?: number;
  always_output?: boolean;
  run_once?: boolean;
}

export interface Retry {
  count?: number;
  wait_s?: number;
  factor?: number;
  max_wait_s?: number;
  jitter?: boolean;
  on?: string[];
}

export interface GraphNode extends NodeSettings {
  id: string;
  type: string;
  type_version?: number;
  name: string;
  params: Record<string, Json>;
  position?: [number, number];
  disabled?: boolean;
  /** What it gives instead of running. */
  pinned?: Json;
  notes?: string;
}

export interface GraphEdge {
  source: string;
  source_output: string;
  target: string;
  target_input: string;
}

export const COLORS = ['yellow', 'blue', 'green', 'red', 'purple', 'gray'] as const;
export type Color = (typeof COLORS)[number];

/** Markdown beside the nodes. No run sees it. */
export interface StickyNote {
  id: string;
  text: string;
  position: [number, number];
  size: [number, number];
  color?: Color;
}

/** A named frame around nodes. No run sees it. */
export interface NodeGroup {
  id: string;
  name: string;
  nodes: string[];
  color?: Color;
}

export interface Graph {
  schema?: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
  settings?: Record<string, Json>;
  sticky_notes?: StickyNote[];
  groups?: NodeGroup[];
}

/** A workflow to begin with. */
export type Sample = Refined<Schemas['Sample'], { graph: Graph }>;

export type DraftSaved = Schemas['DraftSaved'];
export type Draft = Refined<Schemas['Draft'], { graph: Graph }>;
export type Version = Refined<Schemas['VersionDetail'], { graph: Graph }>;
/** As lists tell it. */
export type VersionListed = Schemas['Version'];
export type NodeType = Schemas['NodeType'];
export type NodeTypes = Schemas['NodeTypes'];
export type Evaluated = Schemas['Evaluated'];
export type Credential = Schemas['ListedCredential'];
export type CredentialDetail = Schemas['CredentialDetail'];
export type CredentialSaved = Schemas['CredentialSaved'];
export type CredentialUse = Schemas['Use'];
export type CredentialTried = Schemas['Tried'];
export type CredentialType = Refined<Schemas['CredentialType'], { schema: JsonSchema }>;

/** What came of a workflow of n8n. */
export type ConversionReport = Schemas['Report'];

export type Member = Schemas['Member'];
export type Invitation = Schemas['Invitation'];
export type SentInvitation = Schemas['SentInvitation'];
export type OwnSession = Schemas['Session'];
export type ApiKey = Schemas['ApiKey'];
export type ShownApiKey = Schemas['ShownApiKey'];
export type Variable = Schemas['Variable'];
export type Note = Schemas['Note'];
export type AuditEntry = Schemas['AuditEntry'];

export type RunStatus = Schemas['RunStatus'];
export type StepStatus = Schemas['StepStatus'];
export type WaitReason = 'delay' | 'signal' | 'child' | 'approval' | 'form' | 'retry' | 'decision';
export type Waiting = Refined<Schemas['Wait'], { for: WaitReason; step: string; node: string }>;
export type Run = Refined<Schemas['RunDetail'], { waiting_for: Waiting[] }>;

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
  pinned?: boolean;
}

export interface LogLine {
  seq: number;
  at: string;
  level: string;
  text: string;
}

export type Step = Refined<
  Schemas['StepDetail'],
  {
    attempts: Attempt[];
    log: LogLine[];
    output_counts: Record<string, number>;
    input_json: Json;
    output_json: Json;
  }
>;

export type Hold = Schemas['Hold'];

export type BulkEstimate = Schemas['BulkEstimate'];
export type BulkJob = Schemas['BulkJob'];
export type BulkJobDetail = Refined<
  Schemas['BulkJobDetail'],
  { runs: Record<'to_do' | 'done' | 'refused', number> }
>;

export type Decision = Schemas['DecisionEnum'];
