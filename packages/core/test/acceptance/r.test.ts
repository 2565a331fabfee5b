import { otherRows } from '../matrix/other-rows.js';
import { describeAcceptance } from './suite.js';

describeAcceptance(otherRows.find(({ name }) => name === 'ir')!);
