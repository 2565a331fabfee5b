"""A notebook with a parameter through papermill, on the kernel of the gateway that JUPYTER_GATEWAY_URL names. Prints the output as JSON."""

import json
import sys

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_notebook

notebook = new_notebook(
    cells=[
        new_code_cell("n = 1", metadata={"tags": ["parameters"]}),
        new_code_cell("print(n * 6)"),
    ]
)
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
nbformat.write(notebook, "in.ipynb")
# what nbclient, on which papermill stands, starts its kernel with
manager = "jupyter_server.gateway.managers.GatewayKernelManager"
done = papermill.execute_notebook(
    "in.ipynb", "out.ipynb", {"n": int(sys.argv[1])}, kernel_manager_class=manager, progress_bar=False
)
print(json.dumps([[dict(o) for o in cell.outputs] for cell in done.cells]))
