import { otherRows } from './other-rows.js';
import { describeMatrix } from './suite.js';

describeMatrix(otherRows);
