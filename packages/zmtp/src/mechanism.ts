import type { Metadata } from './metadata.js';

/** What a mechanism needs to know of the socket that uses it. */
export interface MechanismContext {
  /** Socket-Type, and Identity where the type has one. */
  readonly properties: readonly (readonly [string, Uint8Array])[];
}

/** The outcome of one command of the handshake. */
export interface MechanismStep {
  /** Command bodies to send now, in order. */
  readonly send: readonly Uint8Array[];
  /** The peer's properties; with them the handshake is over. */
  readonly peer: Metadata | null;
}

/**
 * A security mechanism's handshake (RFC 37 "Security"), as a pure state machine for one connection: command bodies in,
 * command bodies out. It throws ZmtpError to refuse the peer. CURVE has four steps and fits in here; the sealing of
 * messages that it needs afterwards would be one more pair of functions at the session's two ends.
 */
export interface Mechanism {
  /** As in the greeting: at most 20 upper-case letters. Both sides must name the same. */
  readonly name: string;
  /** The as-server bit of the greeting. */
  readonly asServer: boolean;
  /** Commands to send as soon as the greetings fit. */
  start(): readonly Uint8Array[];
  receive(command: Uint8Array): MechanismStep;
}

/** Makes the mechanism for one connection. */
export type MechanismFactory = (context: MechanismContext) => Mechanism;
