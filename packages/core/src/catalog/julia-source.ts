import { FileFaultError } from '../files/index.js';
import { expandHome, pathFlavour } from '../specs/index.js';
import { millisecondsSince, runtimeEntry } from './entry.js';
import { findOnPath, unlessRemote } from './executable.js';
import type { KernelSource, SourceContext } from './types.js';

/** Julia with IJulia in its depot and in one of its shared environments. From files: Julia is not started. Tested on a laid-out depot only. */
export function juliaSource(): KernelSource {
  return {
    name: 'julia',
    find(context) {
      const begin = performance.now();
      const program = findOnPath(context, 'julia');
      const script = program === null ? null : unlessRemote(() => kernelScript(context));
      if (program === null || script === null) return { entries: [], searched: [] };
      const spec = {
        // what IJulia.installkernel() writes, but for the version in its name
        argv: [program, '-i', '--color=yes', script, '{connection_file}'],
        display_name: 'Julia',
        language: 'julia',
        interrupt_mode: 'signal' as const,
        env: {},
        metadata: {},
        extra: {},
      };
      const entry = { ...runtimeEntry('julia', context.files.real(program), spec), runtime: 'julia' };
      const ms = millisecondsSince(begin);
      return { entries: [entry], searched: [{ path: program, kind: 'runtimes', found: 1, error: null, ms }] };
    },
  };
}

/** `packages/IJulia/<slug>/src/kernel.jl` of the first depot that has it, if an environment of the user names IJulia. */
function kernelScript({ files, env, home, platform }: SourceContext): string | null {
  const { join, delimiter } = pathFlavour(platform);
  const depots = (env.JULIA_DEPOT_PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  for (const depot of [...depots.map((dir) => expandHome(platform, dir, home)), join(home, '.julia')]) {
    try {
      const environments = files.names(join(depot, 'environments')) ?? [];
      const isNamed = environments.some((name) =>
        /^\s*IJulia\s*=/m.test(files.text(join(depot, 'environments', name, 'Project.toml')) ?? ''),
      );
      if (!isNamed) continue;
      for (const slug of [...(files.names(join(depot, 'packages', 'IJulia')) ?? [])].sort().reverse()) {
        const script = join(depot, 'packages', 'IJulia', slug, 'src', 'kernel.jl');
        if (files.stat(script)?.type === 'file') return script;
      }
    } catch (error) {
      if (!(error instanceof FileFaultError)) throw error;
    }
  }
  return null;
}
