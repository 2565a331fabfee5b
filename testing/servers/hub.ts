import { randomBytes } from 'node:crypto';
import { isolatedEnv } from '../support/index.js';
import { writeKernelspecs } from './jupyter.js';
import { provided, pythonOf } from './provided.js';
import { freePort, type Running, startProgram } from './running.js';

export interface RunningHub extends Running {
  /** Of the hub's proxy, with the base path: `http://127.0.0.1:PORT/`. */
  readonly url: string;
  readonly port: number;
  /** Of a service that may see users, start their servers and use them. */
  readonly token: string;
  /** A token of the user's own. */
  tokenOf(user: string): Promise<string>;
}

/**
 * A JupyterHub whose users are whoever says so, and whose servers are processes of this user. Use it inside `describeServer('jupyterhub', …)`.
 * @param spawnSeconds how long a server pretends to take before it is spawned
 */
export async function jupyterHub({ spawnSeconds = 0, fails = false } = {}): Promise<RunningHub> {
  const home = await isolatedEnv();
  try {
    await writeKernelspecs(home, ['ipykernel']);
    const token = randomBytes(24).toString('hex');
    const [port, api, hub] = [await freePort(), await freePort(), await freePort()];
    const config = `
import asyncio
from jupyterhub.spawner import SimpleLocalProcessSpawner

class SlowSpawner(SimpleLocalProcessSpawner):
    async def start(self):
        await asyncio.sleep(${spawnSeconds})
        if ${fails ? 'True' : 'False'}:
            raise RuntimeError('no room')
        return await super().start()

    async def progress(self):
        yield {'progress': 30, 'message': 'looking for room'}

    def _home_dir_default(self):
        return ${JSON.stringify(await home.dir.dir('users'))} + '/' + self.user.name

c.JupyterHub.spawner_class = SlowSpawner
c.JupyterHub.authenticator_class = 'dummy'
c.JupyterHub.bind_url = 'http://127.0.0.1:${port}/'
c.JupyterHub.hub_bind_url = 'http://127.0.0.1:${hub}/hub/'
c.JupyterHub.db_url = 'sqlite:///:memory:'
c.JupyterHub.cleanup_servers = True
c.ConfigurableHTTPProxy.command = [${JSON.stringify(process.execPath)}, ${JSON.stringify(provided('jupyterhub').proxy)}]
c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:${api}'
c.ConfigurableHTTPProxy.pid_file = ${JSON.stringify(home.dir.join('proxy.pid'))}
c.Authenticator.allowed_users = {'ann', 'bob'}
c.Spawner.cmd = [${JSON.stringify(pythonOf('jupyterhub'))}, '-m', 'jupyterhub.singleuser']
c.Spawner.args = ['--allow-root']
c.Spawner.environment = ${JSON.stringify({ JUPYTER_PATH: `${home.home}/.local/share/jupyter`, ...home.env })}
# a start that takes longer is waited for by whoever asked for it
c.JupyterHub.tornado_settings = {'slow_spawn_timeout': 0.1}
c.JupyterHub.allow_named_servers = True
c.JupyterHub.services = [{'name': 'tests', 'api_token': ${JSON.stringify(token)}}]
c.JupyterHub.load_roles = [
    {'name': 'tests', 'services': ['tests'], 'scopes': ['admin:users', 'admin:servers', 'access:servers', 'tokens']},
    {'name': 'user', 'scopes': ['self', 'access:servers!user']},
]
`;
    const file = await home.dir.write('jupyterhub_config.py', config, 0o600);
    const running = await startProgram([pythonOf('jupyterhub'), '-m', 'jupyterhub', '-f', file], {
      env: home.env,
      cwd: home.dir.path,
      port,
      ready: /JupyterHub is now running/,
    });
    const url = `http://127.0.0.1:${port}/`;
    return {
      ...running,
      url,
      port,
      token,
      async tokenOf(user) {
        const headers = { Authorization: `token ${token}` };
        const made = await fetch(`${url}hub/api/users/${user}/tokens`, { method: 'POST', headers });
        const body = (await made.json()) as { token?: string };
        if (body.token === undefined) throw new Error(`no token for ${user}: ${made.status} ${JSON.stringify(body)}`);
        return body.token;
      },
      async [Symbol.asyncDispose]() {
        await running[Symbol.asyncDispose]();
        await home[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw error;
  }
}
