/** Thrown by a parser that is not loaded yet: most machines have no file for it, and loading it takes longer than the search. */
export class ParserNeeded extends Error {
  readonly which: 'toml' | 'yaml';

  constructor(which: 'toml' | 'yaml') {
    super(`the parser for ${which} is not loaded`);
    this.which = which;
  }
}

/** The parsers of configuration files, loaded when the first such file turns up. */
export class Parsers {
  #toml: ((text: string) => unknown) | null = null;
  #yaml: ((text: string) => unknown) | null = null;

  async load(which: 'toml' | 'yaml'): Promise<void> {
    if (which === 'toml') this.#toml = (await import('smol-toml')).parse;
    else this.#yaml = (await import('./parse-yaml.js')).parse;
  }

  /** A TOML document. @throws ParserNeeded; Error where it is damaged */
  toml(text: string): Record<string, unknown> {
    if (this.#toml === null) throw new ParserNeeded('toml');
    return table(this.#toml(text));
  }

  /** A YAML document; what is no mapping is an empty one. @throws ParserNeeded; Error where it is damaged */
  yaml(text: string): Record<string, unknown> {
    if (this.#yaml === null) throw new ParserNeeded('yaml');
    return table(this.#yaml(text));
  }
}

/** A member that is a table; an empty one where it is not. */
export function table(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A member that is text and not empty; else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
