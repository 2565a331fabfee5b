import { heavyRows } from './heavy-rows.js';
import { describeMatrix } from './suite.js';

describeMatrix(heavyRows);
