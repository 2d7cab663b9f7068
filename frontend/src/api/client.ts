import { parseExact } from './exactJson';
import type { Fault } from './types';

const BASE = '/api/v1';

/** What the server answered instead of a result: the problem+json of the contract. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly faults: Fault[] = [],
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

/** The request never got an answer: the server is down or the network is. */
export class UnreachableError extends Error {
  constructor() {
    super('The server cannot be reached. Check the connection and try again.');
    this.name = 'UnreachableError';
  }
}

/** Of a list each is given once more. */
export type Query = Record<string, string | number | string[] | null | undefined>;

/** Read one resource. Whole numbers of any size are kept exactly. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return request<T>('GET', path + queryString(query), { signal });
}

/**
 * Do a deed that makes nothing new. A body, here and below, is JSON text: what a person typed is
 * sent as it was typed, so that no number in it is rounded.
 */
export function post<T>(path: string, body = '{}'): Promise<T> {
  return request<T>('POST', path, { body });
}

/** Change members of a thing. */
export function patch<T>(path: string, body: string): Promise<T> {
  return request<T>('PATCH', path, { body });
}

/** Set a thing to what the body says; twice is once. */
export function put<T>(path: string, body: string): Promise<T> {
  return request<T>('PUT', path, { body });
}

/** Take a thing away. */
export function remove(path: string): Promise<undefined> {
  return request<undefined>('DELETE', path, {});
}

/** Make something: the same request with the same key makes it only once. */
export function create<T>(path: string, body: string, key: string): Promise<T> {
  return request<T>('POST', path, { body, headers: { 'Idempotency-Key': key } });
}

function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.forEach((each) => params.append(name, each));
    else if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

interface Options {
  body?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

async function request<T>(method: string, path: string, options: Options): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-CSRFToken'] = csrfToken();
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: options.body ?? null,
      signal: options.signal ?? null,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new UnreachableError();
  }
  const text = await response.text();
  if (!response.ok) throw problemOf(response, text);
  return (text === '' ? undefined : parseExact(text)) as T;
}

function csrfToken(): string {
  const match = /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie);
  return match?.[1] ?? '';
}

function problemOf(response: Response, text: string): ApiError {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim() + '.';
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) {
    return new ApiError(response.status, fallback);
  }
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string; errors?: Fault[] };
    return new ApiError(
      response.status,
      problem.detail ?? problem.title ?? fallback,
      problem.errors ?? [],
    );
  } catch {
    return new ApiError(response.status, fallback);
  }
}
