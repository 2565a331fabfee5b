import * as client from '@kernelkit/core/client';

const status = document.querySelector('#status')!;
const server = client.serverFromUrl(location.hash.slice(1));
// one kernel for this path: a page that is loaded again has its variables back
const kernel = await client.startServerKernel(server, { name: 'python3', path: 'notebook.ipynb' }).catch((error) => {
  status.textContent = error.message;
  throw error;
});
status.textContent = kernel.status;
kernel.on('status', (now) => (status.textContent = now));
document.querySelector<HTMLButtonElement>('#interrupt')!.onclick = () => void kernel.interrupt();

function element(output: client.Output): HTMLElement {
  const image = 'data' in output ? output.data['image/png'] : undefined;
  if (image !== undefined) return Object.assign(new Image(), { src: `data:image/png;base64,${image}` });
  const pre = Object.assign(document.createElement('pre'), { className: output.output_type });
  if ('data' in output) pre.textContent = String(output.data['text/plain']);
  else pre.textContent = output.output_type === 'stream' ? output.text : `${output.ename}: ${output.evalue}`;
  return pre;
}

function addCell(): void {
  const [code, outputs] = [document.createElement('textarea'), document.createElement('div')];
  document.querySelector('main')!.append(code, outputs);
  code.focus();
  code.onkeydown = async (event) => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    if (outputs === outputs.parentElement!.lastElementChild) addCell();
    let area = client.emptyOutputArea();
    outputs.replaceChildren();
    for await (const output of kernel.execute(code.value, { onInput: ({ prompt: asked }) => prompt(asked) ?? '' })) {
      area = client.applyOutput(area, output);
      outputs.replaceChildren(...client.outputsOf(area).map(element));
    }
  };
}
addCell();
