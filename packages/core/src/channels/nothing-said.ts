import type { KernelInfo } from './types.js';

/** What stands for a kernel's own words until they come. */
export const NOTHING_SAID: KernelInfo = {
  status: 'ok',
  protocol_version: '5.3',
  implementation: '',
  implementation_version: '',
  language_info: { name: '', version: '', mimetype: 'text/plain', file_extension: '' },
  banner: '',
};
