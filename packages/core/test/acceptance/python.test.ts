import { pythonRows } from '../matrix/python-rows.js';
import { describeAcceptance } from './suite.js';

describeAcceptance(pythonRows.find(({ name }) => name === 'ipykernel')!);
