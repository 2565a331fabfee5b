export { ChannelsGoneError, RawChannels, type RawOptions } from './channels.js';
export { nodeSigner, SignatureSchemeError } from './signer.js';
