import type { FoundServer } from './find.js';

export interface ConfigOptions {
  server: Pick<FoundServer, 'package' | 'version'>;
  token: string;
  port: number;
  /** What contents, and the paths of sessions, start at. */
  root: string;
}

/** The name that the server's configuration has in its directory. */
export function configName({ package: name }: ConfigOptions['server']): string {
  return name === 'notebook' ? 'jupyter_notebook_config.py' : 'jupyter_server_config.py';
}

/**
 * The configuration of a server of ours, as the Python that it reads: the token lies here and not in argv or the environment, which its
 * kernels inherit. What the machine's administrator configured still counts where this says nothing, but for extensions: none is loaded.
 */
export function serverConfig({ server, token, port, root }: ConfigOptions): string {
  const isNotebook = server.package === 'notebook';
  const app = isNotebook ? 'NotebookApp' : 'ServerApp';
  const isNew = !isNotebook && Number.parseInt(server.version, 10) >= 2;
  const settings = {
    [app]: {
      ip: '127.0.0.1',
      port,
      // another program may be faster: then one beside it, and the server says which
      port_retries: 50,
      base_url: '/',
      open_browser: false,
      allow_root: true,
      allow_remote_access: false,
      terminals_enabled: false,
      [isNotebook ? 'notebook_dir' : 'root_dir']: root,
      ...(!isNew && { token, password: '', iopub_msg_rate_limit: 0, iopub_data_rate_limit: 0 }),
    },
    ...(isNew && {
      IdentityProvider: { token },
      PasswordIdentityProvider: { hashed_password: '' },
      // output is counted and bounded on our side; what a server drops is lost
      ZMQChannelsWebsocketConnection: { limit_rate: false },
    }),
  };
  return CONFIG.replace('SETTINGS', () => JSON.stringify(JSON.stringify(settings)))
    .replaceAll('PACKAGE', isNotebook ? 'notebook' : 'jupyter_server')
    .replaceAll('APP', app)
    .replaceAll('EXTENSIONS', isNotebook ? 'nbserver_extensions' : 'jpserver_extensions')
    .replaceAll('STEM', isNotebook ? 'jupyter_notebook_config' : 'jupyter_server_config');
}

/** Contents are read and never written: a session needs their paths, and nothing else of them. */
const CONFIG = `import glob, json, os
from jupyter_core.paths import jupyter_config_path
from tornado.web import HTTPError
from traitlets.config import Config
from PACKAGE.services.contents.filemanager import FileContentsManager

c.merge(Config(json.loads(SETTINGS)))

extensions = {}
for place in jupyter_config_path():
    for name in [os.path.join(place, "STEM.json"), *glob.glob(os.path.join(place, "STEM.d", "*.json"))]:
        try:
            with open(name, encoding="utf-8") as file:
                extensions.update(dict.fromkeys(json.load(file).get("APP", {}).get("EXTENSIONS", {}), False))
        except (OSError, ValueError, AttributeError):
            pass
c.APP.EXTENSIONS = extensions


class ReadOnlyContents(FileContentsManager):
    def _refuse(self, *args, **kwargs):
        raise HTTPError(403, "this server's contents are read-only")

    save = delete_file = rename_file = _refuse
    create_checkpoint = restore_checkpoint = delete_checkpoint = _refuse


c.APP.contents_manager_class = ReadOnlyContents
`;
