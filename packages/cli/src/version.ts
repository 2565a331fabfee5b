/** The package's version; a test holds it to package.json's, which the bundled command does not read. */
export const version = '0.1.0';
