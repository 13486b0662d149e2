import type { Problem } from './types';

const DUTIES = ['password_change_required', 'mfa_setup_required'];

/** The server answered, and refused. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  /** Whether whoever is signed in must do something else first. */
  get isDuty(): boolean {
    return DUTIES.includes(this.code);
  }
}

/** No answer came: no network, or no server. */
export class UnreachableError extends Error {}

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface ApiOptions {
  /** Where Tidings lives: an address, or a path on the origin of this page; empty for that origin itself. */
  server?: string;
  token?: string | null;
  language?: string;
  /** Hears of every refusal before the caller does. */
  onRefusal?: (refusal: ProblemError) => void;
}

/** Speaks JSON with one server as one caller: a recipient token where given, else the session cookie. */
export class Api {
  /** Where Tidings lives, as an address without a slash at the end. */
  readonly server: string;
  token: string | null;
  language: string | undefined;
  private readonly onRefusal: ((refusal: ProblemError) => void) | undefined;

  constructor({ server = '', token = null, language, onRefusal }: ApiOptions = {}) {
    this.server = new URL(server, location.origin).href.replace(/\/+$/, '');
    this.token = token;
    this.language = language;
    this.onRefusal = onRefusal;
  }

  get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return this.request('GET', path, query);
  }

  post<Answer>(path: string, body?: unknown): Promise<Answer> {
    return this.request('POST', path, {}, body);
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.request('PUT', path, {}, body);
  }

  patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, {}, body);
  }

  delete(path: string): Promise<void> {
    return this.request('DELETE', path, {});
  }

  url(path: string, query: Query = {}): URL {
    const url = new URL(`${this.server}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  private async request<Answer>(method: string, path: string, query: Query, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (this.token) headers['Authorization'] = `Bearer ${this.token}`;
    if (this.language) headers['Accept-Language'] = this.language;
    const init: RequestInit = { method, headers, credentials: this.token ? 'omit' : 'include' };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    const response = await reach(this.url(path, query), init);
    // A proxy in between may answer with a page of its own: then the status is all there is.
    if (!response.ok) throw this.refusal(response.status, await response.json().catch(() => null));
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }

  /** What an answer refuses, after whoever wants to hear of every refusal has heard of it. */
  refusal(status: number, body: unknown): ProblemError {
    const refusal = new ProblemError(problemOf(status, body));
    this.onRefusal?.(refusal);
    return refusal;
  }
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new UnreachableError('The server cannot be reached.', { cause: error });
  }
}

function problemOf(status: number, body: unknown): Problem {
  const unknown: Problem = { type: 'about:blank', title: '', status, code: 'unknown' };
  return typeof body === 'object' && body !== null ? { ...unknown, ...body } : unknown;
}
