"""A notebook through jupyter_server's own gateway client: nbclient on a GatewayKernelManager. Prints the output as JSON."""

import asyncio
import json
import sys

from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

url, name = sys.argv[1:]
GatewayClient.instance(url=url)
cells = [
    "print('hello')",
    "6 * 7",
    "import warnings, sys; print('err', file=sys.stderr)",
    "1 / 0",
]
notebook = new_notebook(cells=[new_code_cell(code) for code in cells])
notebook.metadata["kernelspec"] = {"name": name, "display_name": name, "language": "python"}
client = NotebookClient(notebook, km=GatewayKernelManager(kernel_name=name), allow_errors=True, kernel_name=name)
manager = client.km


async def run():
    """The manager is ours, so that nbclient leaves its kernel, and the threads that read from it, to us."""
    try:
        await client.async_execute()
    finally:
        client.kc.stop_channels()
        await manager.shutdown_kernel(now=True)


asyncio.run(run())
print(json.dumps([[dict(o) for o in cell.outputs] for cell in notebook.cells]))
