import { pythonRows } from './python-rows.js';
import { describeMatrix } from './suite.js';

describeMatrix(pythonRows);
