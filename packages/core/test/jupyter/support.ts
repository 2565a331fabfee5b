/** What the tests of Jupyter servers share. */
export * from '../../../../testing/servers/index.js';
