/** The proxies of docs/gateway.md, run with what the page shows for them. */
import { allBlocks } from '../../../testing/docs/blocks.js';
import { freePort, startProgram } from '../../../testing/servers/index.js';
import { type TempDir, tempDir } from '../../../testing/support/index.js';

export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
}

/** What a recipe says of a site, as it is in a test. */
export interface RecipeOf {
  /** Of the other server, 8888 in the recipe. */
  readonly lab: number;
  /** 9000 in the recipe. */
  readonly gateway: number;
  /** `…` in the recipe. */
  readonly token: string;
  readonly host: string;
}

const PAGE = 'docs/gateway.md';

/** The page's block in that language that has `word` in it. */
function recipe(language: string, word: string): string {
  const found = allBlocks().filter((block) => block.file === PAGE && block.language === language);
  const one = found.find(({ code }) => code.includes(word));
  if (one === undefined) throw new Error(`${PAGE} has no ${language} with ${word}`);
  return one.code;
}

const filled = (text: string, { lab, gateway, token }: RecipeOf) =>
  text
    .replaceAll('127.0.0.1:8888', `127.0.0.1:${lab}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${gateway}`)
    .replaceAll('"token …"', `"token ${token}"`);

/** nginx, for one site of a Jupyter server and a gateway. */
export async function nginxSite(program: string, site: RecipeOf): Promise<RunningProxy> {
  const port = await freePort();
  const blanks = '# listen, server_name, TLS';
  const block = recipe('nginx', blanks).replace(blanks, `listen 127.0.0.1:${port}; server_name ${site.host};`);
  return nginx(program, port, filled(block, site));
}

/** nginx, before a gateway alone, whose base URL is /kernels/. */
export async function nginxAlone(program: string, gateway: number): Promise<RunningProxy> {
  const port = await freePort();
  const block = recipe('nginx', 'location /kernels/').replaceAll('127.0.0.1:8888', `127.0.0.1:${gateway}`);
  return nginx(program, port, `server {\nlisten 127.0.0.1:${port};\n${block}\n}`);
}

async function nginx(program: string, port: number, block: string): Promise<RunningProxy> {
  const dir = await tempDir();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = await dir.write(
    'nginx.conf',
    [
      // it would become another user, who may not look into the directory
      ...(process.getuid?.() === 0 ? ['user root;'] : []),
      `daemon off; pid ${dir.join('pid')}; error_log stderr notice; worker_processes 1;`,
      'events {}',
      `http { access_log off; ${temporary.map((name) => `${name}_temp_path ${dir.join(name)};`).join(' ')}`,
      block,
      '}',
    ].join('\n'),
  );
  return running([program, '-p', dir.path, '-c', config, '-e', 'stderr'], /start worker process/, port, dir);
}

/** Caddy, for one site of a Jupyter server and a gateway. */
export async function caddySite(program: string, site: RecipeOf): Promise<RunningProxy> {
  const port = await freePort();
  const dir = await tempDir();
  const block = recipe('caddy', 'forward_auth').replace(
    'lab.example.org {',
    `http://${site.host}:${port}, http://127.0.0.1:${port} {`,
  );
  const options = '{\nadmin off\nauto_https off\ndefault_bind 127.0.0.1\n}\n';
  const config = await dir.write('Caddyfile', `${options}${filled(block, site)}\n`);
  const argv = [program, 'run', '--config', config, '--adapter', 'caddyfile'];
  return running(argv, /serving initial configuration/, port, dir);
}

async function running(argv: string[], ready: RegExp, port: number, dir: TempDir): Promise<RunningProxy> {
  try {
    const env = { PATH: process.env.PATH ?? '', HOME: dir.path };
    const program = await startProgram(argv, { env, cwd: dir.path, ready, port });
    return {
      port,
      async [Symbol.asyncDispose]() {
        await program[Symbol.asyncDispose]();
        await dir[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await dir[Symbol.asyncDispose]();
    throw error;
  }
}
