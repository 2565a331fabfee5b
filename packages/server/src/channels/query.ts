import { newSessionId } from '@kernelkit/protocol';

/** What a client says in the URL of its WebSocket. */
export interface ChannelsQuery {
  /** Jupyter's `session_id`; a new one where there is none. */
  readonly session: string;
  /** Read on after this entry of the log. */
  readonly after?: number;
  /** Sessions whose answers and questions it takes over. */
  readonly inherits: readonly string[];
  /** Whether messages say in their metadata where in the log they stand: it was asked for, or read on after an entry. */
  readonly withCursor: boolean;
  /** `open=ready`: the WebSocket opens when the kernel's start has ended, well or not. */
  readonly opensWhenReady: boolean;
}

const LONGEST = 256;
const MOST_INHERITED = 16;

/** @returns why not, where it cannot be used */
export function readQuery(url: string): ChannelsQuery | string {
  const { searchParams } = new URL(url);
  const session = searchParams.get('session_id') || newSessionId();
  if (session.length > LONGEST) return `session_id has more than ${LONGEST} characters`;
  const given = searchParams.get('after');
  const after = given === null ? undefined : Number(given);
  if (after !== undefined && (given === '' || !Number.isSafeInteger(after) || after < 0)) {
    return 'after must be the number of an entry of the log: 0, 1, 2, …';
  }
  const inherits = (searchParams.get('inherits') ?? '').split(',').filter((name) => name !== '');
  if (inherits.length > MOST_INHERITED || inherits.some((name) => name.length > LONGEST)) {
    return `inherits has more than ${MOST_INHERITED} sessions, or one with more than ${LONGEST} characters`;
  }
  const withCursor = after !== undefined || searchParams.has('cursor');
  const opensWhenReady = searchParams.get('open') === 'ready';
  return { session, inherits, withCursor, opensWhenReady, ...(after !== undefined && { after }) };
}
