import type { ErrorReply, JsonObject, MimeBundle, Reply } from './common.js';

/** Run code (messaging spec, "Execute"). */
export type ExecuteRequest = {
  code: string;
  /** No output broadcast, no history, no execution count. */
  silent: boolean;
  store_history: boolean;
  /** Name to expression; each is evaluated after the code. */
  user_expressions: Record<string, string>;
  /** Whether the kernel may send input_request. */
  allow_stdin: boolean;
  /** Whether requests already queued are aborted when this one fails. */
  stop_on_error: boolean;
};

/** Deprecated, and in daily use. */
export type ExecutePayload =
  | { source: 'page'; data: MimeBundle; start?: number }
  | { source: 'set_next_input'; text: string; replace?: boolean }
  | { source: 'edit_magic' | 'edit'; filename: string; line_number?: number }
  | { source: 'ask_exit'; keepkernel: boolean };

/** What became of one user expression. */
export type UserExpression = { status: 'ok'; data: MimeBundle; metadata: JsonObject } | ErrorReply;

export type ExecuteReply =
  | {
      status: 'ok';
      execution_count: number;
      payload?: ExecutePayload[];
      user_expressions?: Record<string, UserExpression>;
    }
  | (ErrorReply & { execution_count?: number; payload?: ExecutePayload[]; user_expressions?: JsonObject })
  | { status: 'aborted'; execution_count?: number };

/** Ask about the thing at the cursor. */
export type InspectRequest = {
  code: string;
  /** In Unicode code points since 5.2: see `codePointOffset`. */
  cursor_pos: number;
  detail_level: 0 | 1;
};

export type InspectReply = Reply<{ found: boolean; data: MimeBundle; metadata: JsonObject }>;

export type CompleteRequest = {
  code: string;
  /** In Unicode code points since 5.2: see `codePointOffset`. */
  cursor_pos: number;
};

export type CompleteReply = Reply<{
  matches: string[];
  /**
   * The range that a match replaces, in code points. An adapted 4.x reply cannot know it: then `cursor_end` is null (the
   * cursor), and `cursor_start` counts back from there (negative), or is null where nothing is replaced.
   */
  cursor_start: number | null;
  cursor_end: number | null;
  metadata: JsonObject;
}>;

export type HistoryRequest = {
  output: boolean;
  raw: boolean;
} & (
  | { hist_access_type: 'range'; session: number; start: number; stop: number }
  | { hist_access_type: 'tail'; n: number }
  | { hist_access_type: 'search'; n: number; pattern: string; unique?: boolean }
);

/** Session, line number, and the input, or input and output when output was asked for. */
export type HistoryEntry = [session: number, line: number, text: string | [input: string, output: string | null]];

export type HistoryReply = Reply<{ history: HistoryEntry[] }>;

export type IsCompleteRequest = { code: string };

export type IsCompleteReply =
  | { status: 'complete' | 'invalid' | 'unknown' }
  | { status: 'incomplete'; indent: string }
  | ErrorReply;

/** Deprecated since 5.1. */
export type ConnectReply = Reply<{
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  hb_port: number;
  control_port?: number;
}>;

export type CommInfoRequest = { target_name?: string };

export type CommInfoReply = Reply<{ comms: Record<string, { target_name: string }> }>;

/** What the kernel's language is, for highlighting and for the notebook's metadata. */
export type LanguageInfo = {
  name: string;
  version: string;
  mimetype: string;
  file_extension: string;
  pygments_lexer?: string;
  codemirror_mode?: string | JsonObject;
  nbconvert_exporter?: string;
};

export type KernelInfoReply = Reply<{
  protocol_version: string;
  implementation: string;
  implementation_version: string;
  language_info: LanguageInfo;
  banner: string;
  /** Deprecated: `supported_features` has "debugger". */
  debugger?: boolean;
  help_links?: { text: string; url: string }[];
  /** Since 5.5 (JEP 92): "debugger", "kernel subshells". */
  supported_features?: string[];
}>;
