/** What is used of gifenc, which brings no types. */
declare module 'gifenc' {
  type Colour = [red: number, green: number, blue: number];
  /** @returns at most so many colours that the points, as RGBA, are best shown with */
  export function quantize(points: Uint8Array, colours: number, options?: { format?: 'rgb565' | 'rgb444' }): Colour[];
  /** @returns for each point the place of its nearest colour */
  export function applyPalette(points: Uint8Array, palette: Colour[], format?: 'rgb565' | 'rgb444'): Uint8Array;
  /** All of it, where it is loaded as CommonJS. */
  const all: { quantize: typeof quantize; applyPalette: typeof applyPalette };
  export default all;
}
