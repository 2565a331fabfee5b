// A module of its own, since it is loaded on demand: a bundler gives a dynamic import of a CommonJS package no named exports.
export { parse } from 'dotenv';
