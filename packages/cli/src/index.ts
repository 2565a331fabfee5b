export { ExitStatus, statusOf, worse } from './status.js';
