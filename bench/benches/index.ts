import type { Bench } from '../harness/bench.js';
import { activation } from './activation.js';
import { bulk } from './bulk.js';
import { bundle } from './bundle.js';
import { list, run } from './command.js';
import { firstOutput, help } from './command-start.js';
import { discovery } from './discovery.js';
import { blocked, flushedLines, plainLines } from './floods.js';
import { gatewayCpu } from './gateway-cpu.js';
import { gatewayCrash } from './gateway-crash.js';
import { gatewayOutput, gatewayStalled } from './gateway-floods.js';
import { gatewayMany } from './gateway-many.js';
import { gatewayMemory } from './gateway-memory.js';
import { gatewayRoundTrip } from './gateway-round-trip.js';
import { gatewayStart } from './gateway-start.js';
import { roundTrip } from './round-trip.js';
import { coldServer, serverRoundTrip } from './servers.js';
import { start } from './start.js';
import { exit, fifty, twoHundred } from './starts.js';
import { zmtp } from './zmtp.js';

/** All benches, in the order of the results. */
export const benches: readonly Bench[] = [
  start,
  roundTrip,
  zmtp,
  flushedLines,
  plainLines,
  blocked,
  bulk,
  run,
  list,
  help,
  firstOutput,
  discovery,
  activation,
  exit,
  fifty,
  twoHundred,
  serverRoundTrip,
  coldServer,
  gatewayRoundTrip,
  gatewayStart,
  gatewayMemory,
  gatewayCpu,
  gatewayStalled,
  gatewayOutput,
  gatewayMany,
  gatewayCrash,
  bundle,
];
