import type { Locator } from './locator.js';
import { conda } from './locators/conda.js';
import { hatch } from './locators/hatch.js';
import { asdf, mise, rye } from './locators/installers.js';
import { homebrew, pythonOrg, xcode } from './locators/macos.js';
import { pipenv } from './locators/pipenv.js';
import { pipx } from './locators/pipx.js';
import { pixi } from './locators/pixi.js';
import { poetry } from './locators/poetry.js';
import { pyenv } from './locators/pyenv.js';
import { system } from './locators/system.js';
import { uv } from './locators/uv.js';
import { venv, virtualenv, virtualenvwrapper } from './locators/virtual.js';
import { windowsRegistry, windowsStore, winpython } from './locators/windows.js';
import { workspace } from './locators/workspace.js';

/**
 * All of them, in the order in which they are asked what a prefix is: the sure marks before what merely fits. The workspace's
 * places come first, so that a nearer way to an environment is the one that counts.
 */
export const locators: readonly Locator[] = [
  workspace,
  windowsStore,
  winpython,
  pixi,
  conda,
  pyenv,
  pipx,
  hatch,
  uv,
  mise,
  asdf,
  rye,
  poetry,
  pipenv,
  virtualenvwrapper,
  venv,
  virtualenv,
  homebrew,
  xcode,
  pythonOrg,
  windowsRegistry,
  system,
];
