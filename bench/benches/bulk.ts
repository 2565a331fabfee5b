import type { Bench } from '../harness/bench.js';
import { startBoth } from '../harness/both.js';
import { interleave } from '../harness/interleave.js';
import { type Row, ratio } from '../harness/rows.js';

/** 50 MB in one message: as text inside the JSON, and as a binary buffer beside it. */
export const bulk: Bench = {
  name: 'bulk',
  async run(context) {
    const size = context.quick ? 5_000_000 : 50_000_000;
    await using both = await startBoth(context);
    const { kernel, client } = both;
    const setUp = `import os, base64\nfrom IPython.display import display\nfrom comm import create_comm\nblob = os.urandom(${size})\ntext = base64.b64encode(blob).decode()\nchannel = create_comm(target_name="bench")`;
    await kernel.execute(setUp);
    await client.ask('text_of', { code: setUp });
    const ways = [
      {
        what: `${size / 1e6} MB display data as base64`,
        code: 'display({"application/x-bench": text}, raw=True)',
        bytes: Math.ceil(size / 3) * 4,
      },
      { what: `${size / 1e6} MB as a binary buffer`, code: 'channel.send({}, buffers=[blob])', bytes: size },
    ];
    const rows: Row[] = [];
    for (const { what, code, bytes } of ways) {
      const sides = await interleave(context.quick ? 2 : 7, [
        {
          name: 'kernelkit',
          measure: async () => {
            let came = 0;
            const began = performance.now();
            await kernel.execute(code, {
              onMessage: (message) => {
                const content = message.content as { data?: Record<string, unknown> };
                if (message.header.msg_type === 'display_data')
                  came = String(content.data?.['application/x-bench']).length;
                if (message.header.msg_type === 'comm_msg')
                  came = message.buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
              },
            });
            const ms = performance.now() - began;
            if (came !== bytes) throw new Error(`kernelkit: ${came} of ${bytes} bytes`);
            return ms;
          },
        },
        {
          name: 'jupyter_client',
          measure: async () => {
            const result = await client.ask<{ ms: number; bytes: number }>('bulk', { code });
            if (result.bytes !== bytes) throw new Error(`jupyter_client: ${result.bytes} of ${bytes} bytes`);
            return result.ms;
          },
        },
      ]);
      const row = ratio(`${what} ÷ jupyter_client`, sides, ['kernelkit', 'jupyter_client'], { measured: 'ms' });
      rows.push(row);
    }
    return rows;
  },
};
