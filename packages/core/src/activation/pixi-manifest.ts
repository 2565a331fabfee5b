import { ParserNeeded } from '../environments/index.js';
import type { Context } from './context.js';

/** What a pixi manifest says that an activation depends on (pixi.toml, or `[tool.pixi]` of pyproject.toml). */
export interface PixiManifest {
  file: string;
  name: string;
  version: string | null;
  platforms: string[];
  /** Whether anything is under an `[activation]`: of the workspace, a feature or a target. Merging them is pixi's affair. */
  hasActivation: boolean;
  /** The scripts that those name. */
  scripts: string[];
}

type Table = Record<string, unknown>;

/** Null where it is not there or damaged, which is noted. @throws ParserNeeded */
export function pixiManifest(context: Context, file: string, environment: string): PixiManifest | null {
  const text = context.tolerant(null, () => context.files.text(file));
  if (text === null) {
    context.note('manifest-missing', `${file} is not there: what the project sets is not known`, file);
    return null;
  }
  let document: Table;
  try {
    document = context.parsers.toml(text);
  } catch (error) {
    if (error instanceof ParserNeeded) throw error;
    context.note('manifest-damaged', `${file} is no valid TOML: what the project sets is not known`, file);
    return null;
  }
  const isPython = context.path.basename(file) === 'pyproject.toml';
  const pixi = isPython ? table(table(document.tool).pixi) : document;
  const workspace = { ...(isPython ? table(document.project) : {}), ...table(pixi.project), ...table(pixi.workspace) };
  const features = featuresOf(pixi, environment);
  const activations = [pixi, ...features].flatMap((part) => [part, ...Object.values(table(part.target)).map(table)]);
  const found = activations.map(({ activation }) => table(activation)).filter((each) => Object.keys(each).length > 0);
  return {
    file,
    name: textOf(workspace.name) ?? context.path.basename(context.path.dirname(file)),
    version: textOf(workspace.version),
    platforms: platformsOf([workspace, ...features]),
    hasActivation: found.length > 0,
    scripts: found.flatMap(({ scripts }) =>
      Array.isArray(scripts) ? scripts.filter((each) => typeof each === 'string') : [],
    ),
  };
}

/** The features that an environment is made of: a list, or a table with `features`. */
function featuresOf(pixi: Table, environment: string): Table[] {
  const given = table(pixi.environments)[environment];
  const names = Array.isArray(given) ? given : table(given).features;
  return Array.isArray(names) ? names.map((name) => table(table(pixi.feature)[String(name)])) : [];
}

/** The platforms that all of them know; a feature that names none knows all. */
function platformsOf(parts: readonly Table[]): string[] {
  const lists = parts
    .map(({ platforms }) => platforms)
    .filter(Array.isArray)
    .map((list) =>
      list.map((each: unknown) => textOf(each) ?? textOf(table(each).name)).filter((each) => each !== null),
    );
  const [first = [], ...rest] = lists;
  return first.filter((platform) => rest.every((list) => list.includes(platform))).sort();
}

function table(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
