/** A JSON object whose members no specification names. */
export type JsonObject = Record<string, unknown>;

/** Data by MIME type: text for most, any JSON for `application/json` and `…+json`, base64 for binary types. */
export type MimeBundle = Record<string, unknown>;

/** What a failed request answers (messaging spec, "Request-Reply"). */
export type ErrorReply = {
  status: 'error';
  ename: string;
  evalue: string;
  traceback: string[];
};

/**
 * What ipykernel answers to requests that were queued behind a failing one with `stop_on_error`; deprecated in the spec.
 * IRkernel and tslab say `abort`: `core/channels` puts that right.
 */
export type AbortedReply = { status: 'aborted' };

/** The three ways that a reply can go. */
export type Reply<Ok> = ({ status: 'ok' } & Ok) | ErrorReply | AbortedReply;

/** A request or reply that carries nothing. */
export type Empty = Record<string, never>;
