/** By itself, so that the bundle holds it without the languages that its package brings along. */
export { createLowlight } from 'lowlight';
