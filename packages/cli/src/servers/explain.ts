import { planServer, type ServerEntry } from '@kernelkit/core';
import { quoted } from '../report.js';
import type { Session } from '../session.js';
import { table } from '../table.js';
import { entryDocument } from './entries.js';

/** What would be asked of a server to start a kernel, or to join it. Asks it nothing. */
export async function explainOnServer({ screen, json }: Session, entry: ServerEntry): Promise<void> {
  const { requests, webSocket, owned, spec, notes, problem } = planServer(entry);
  if (json) {
    await screen.json(
      {
        kernel: entryDocument(entry),
        argv: [],
        cwd: '',
        transport: 'server',
        // as the server does it: by a request
        interrupt: 'message',
        environment: [],
        scripts: [],
        problem,
        activation: null,
        requests,
        webSocket,
        owned,
        spec,
        notes,
      },
      2,
    );
    return;
  }
  const row = (label: string, text: string) => [
    { text: label, paint: (shown: string) => screen.paintOut('bold', shown) },
    { text },
  ];
  const asked = requests.map(
    ({ method, url, body }) => `${method} ${url}${body === null ? '' : ` ${JSON.stringify(body)}`}`,
  );
  const rows = [
    row('kernel', `${entry.displayName} (${entry.name}, ${entry.source})`),
    row('id', entry.id),
    row('server', entry.server?.url ?? ''),
    row('transport', 'server'),
    ...asked.map((text, at) => row(at === 0 ? 'asks' : '', text)),
    row('WebSocket', webSocket),
    row('at the end', owned ? 'the kernel is ended' : 'the kernel goes on'),
    ...(spec === null ? [] : [row('starts there', spec.argv.map(quoted).join(' '))]),
    ...notes.map((note) => row('note', note)),
    ...(problem === null ? [] : [row('problem', problem.message), row('fix', problem.fix ?? '')]),
  ];
  await screen.write(table(rows, null));
}
