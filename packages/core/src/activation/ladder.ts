import { existsSync } from 'node:fs';
import type { Environment } from '../environments/index.js';
import { AbortedError } from '../errors/index.js';
import type { Trail } from '../files/index.js';
import type { Given } from './activate.js';
import { applied } from './changes.js';
import type { Computed } from './computed.js';
import { Context } from './context.js';
import { fromFiles } from './from-files.js';
import { runHook } from './hook.js';
import { askManager } from './manager.js';
import { findBash } from './shell/find-bash.js';
import { type LoginEnvironment, loginEnvironment } from './shell/login-environment.js';
import { runScripts } from './shell/scripts.js';
import type { Activation, ActivationFallback, ActivationMethod, ActivationNote, ActivationProblem } from './types.js';

/** What the rules gave, and what they stand on. */
export interface Attempt {
  context: Context;
  computed: Computed;
  trail: Trail;
  /** Whether the files lie on a file system that may not answer. */
  remote: boolean;
}

/** What one way led to. */
interface Outcome {
  variables: Record<string, string | null>;
  sources: Record<string, string>;
  scripts: string[];
  notes: ActivationNote[];
  problem: ActivationProblem | null;
}

/** After these the same scripts would only take their time again, or the same program be missing. */
const FINAL = new Set(['script-timeout', 'bash-missing', 'hook-failed', 'environment-missing']);

/**
 * The ways to an activation, in order: from files, with bash for the scripts; what the manager says, with bash for its scripts; from files
 * again, over what the user's login shell sets. One is taken when the one before it failed, or when the caller asks for it, and is told of.
 */
export class Ladder {
  /** Whether it took more than files. */
  startedProcess = false;
  readonly #environment: Environment;
  readonly #given: Given;
  readonly #attempt: Attempt;
  readonly #fallbacks: ActivationFallback[] = [];

  constructor(environment: Environment, given: Given, attempt: Attempt) {
    this.#environment = environment;
    this.#given = given;
    this.#attempt = attempt;
  }

  /** @throws AbortedError */
  async climb(): Promise<Omit<Activation, 'ms' | 'cached'>> {
    const { method } = this.#given;
    const { computed } = this.#attempt;
    const first =
      method === 'files' || computed.problem !== null ? await this.#carryOut(computed, this.#given.env) : null;
    if (first !== null && (first.problem === null || FINAL.has(first.problem.kind))) return this.#result(first);
    const because = first?.problem?.message ?? 'the caller asked for it';
    const ways: Exclude<ActivationMethod, 'files'>[] = method === 'login' ? ['login'] : ['manager', 'login'];
    for (const way of ways) {
      const fallback: ActivationFallback = { method: way, because, failure: null };
      this.#fallbacks.push(fallback);
      const outcome = way === 'manager' ? await this.#byManager() : await this.#overLogin();
      if (typeof outcome !== 'string' && outcome.problem === null) return this.#result(outcome);
      fallback.failure = typeof outcome === 'string' ? outcome : (outcome.problem?.message ?? null);
      // what the caller asked for, and nothing else, was tried
      if (first === null) break;
    }
    return this.#result(first ?? (await this.#carryOut(computed, this.#given.env)));
  }

  #result(outcome: Outcome): Omit<Activation, 'ms' | 'cached'> {
    const { variables, sources, scripts, notes, problem } = outcome;
    return {
      variables,
      sources,
      scripts,
      notes: [...this.#attempt.context.notes, ...notes],
      fallbacks: this.#fallbacks,
      problem,
    };
  }

  /** What is computed, with what only a process can add. */
  async #carryOut(computed: Computed, env: Given['env']): Promise<Outcome> {
    const { variables, sources, problem, hook } = computed;
    const plain: Outcome = { variables, sources, scripts: [], notes: [], problem };
    const scripts = [...computed.scripts.deactivate, ...computed.scripts.activate];
    if (problem !== null || (hook === null && scripts.length === 0)) return plain;
    const { platform, home, signal } = this.#given;
    if (platform === 'win32' || platform !== process.platform || !this.#given.scripts) {
      const why = this.#given.scripts ? `scripts of ${platform} are not run here` : 'scripts are not to be run';
      const left = hook === null ? scripts : [hook.name];
      return { ...plain, notes: [{ kind: 'scripts-left-out', message: `${why}: ${left.join(', ')}`, path: left[0]! }] };
    }
    this.startedProcess = true;
    const cwd = existsSync(home) ? home : '/';
    const run = {
      env,
      cwd,
      platform,
      timeoutMs: this.#given.scriptTimeoutMs,
      signal,
      what: `Activating ${this.#environment.prefix}`,
    };
    if (hook !== null) {
      const result = await runHook(computed, hook, run);
      if (result.problem === null) return { ...plain, ...result, scripts };
      // the scripts of the prefix, at least
      const rest = scripts.length === 0 ? plain : await runScripts(computed, { ...run, bash: this.#bash(env) });
      return { ...rest, problem: result.problem };
    }
    return runScripts(computed, { ...run, bash: this.#bash(env) });
  }

  #bash(env: Given['env']): string | null {
    return findBash(this.#given.platform, env.PATH);
  }

  /** A reason, where the manager could not be asked or said what is known. */
  async #byManager(): Promise<Outcome | string> {
    const { context, computed } = this.#attempt;
    const { env, home, signal, method } = this.#given;
    if (this.#environment.kind !== 'conda') return `${this.#environment.kind} has no way to say it`;
    this.startedProcess = true;
    const run = {
      env,
      cwd: existsSync(home) ? home : '/',
      signal,
      what: `Asking conda about ${this.#environment.prefix}`,
    };
    const answer = await askManager(context, this.#environment.prefix, computed.variables.CONDA_EXE, run);
    if (answer.computed === null) return answer.failure;
    if (method === 'files' && isSame(answer.computed, computed)) return 'conda names the same variables and scripts';
    return this.#carryOut(answer.computed, env);
  }

  async #overLogin(): Promise<Outcome | string> {
    const { env, home, signal, platform } = this.#given;
    if (platform === 'win32' || platform !== process.platform) return 'there is no login shell here';
    this.startedProcess = true;
    let login: LoginEnvironment;
    try {
      login = await loginEnvironment({ env, home, signal });
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      return (error as Error).message;
    }
    const over = applied(env, login.variables, platform);
    const { context } = this.#attempt;
    const again = new Context({ platform, home, files: context.files, parsers: context.parsers, env: over });
    const outcome = await this.#carryOut(fromFiles(again, this.#environment).computed, over);
    const detail = `login shell ${login.shell}`;
    const sources = Object.fromEntries(Object.keys(login.variables).map((name) => [name, detail]));
    for (const [name, source] of Object.entries(outcome.sources)) {
      sources[name] = sources[name] === undefined ? source : `${sources[name]}, ${source}`;
    }
    return { ...outcome, variables: { ...login.variables, ...outcome.variables }, sources };
  }
}

function isSame(a: Computed, b: Computed): boolean {
  const ordered = ({ variables, scripts }: Computed) => JSON.stringify([Object.entries(variables).sort(), scripts]);
  return ordered(a) === ordered(b);
}
