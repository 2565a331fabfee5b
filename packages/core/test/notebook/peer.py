"""Answers requests about notebooks with the real nbformat and nbclient: one JSON request to a line in, one JSON answer to a line out."""
import json
import sys
import warnings

import nbclient
import nbformat
from nbformat import v4

warnings.simplefilter("ignore")


def to_v45(text):
    """Reads any format and gives 4.5, with ids that the test can foretell."""
    nb = v4.upgrade(nbformat.reads(text, as_version=4))
    for index, cell in enumerate(nb.cells):
        cell["id"] = f"id{index}"
    return nb


def execute(text):
    """Executes with the real nbclient; a failing cell ends the run with what there is."""
    # with an Output widget one run of eight or so never ends (nbclient 0.11 waits for a reply)
    for timeout in (20, 20, 60):
        nb = nbformat.reads(text, as_version=4)
        client = nbclient.NotebookClient(nb, kernel_name="python3", timeout=timeout)
        try:
            client.execute()
        except nbclient.exceptions.CellTimeoutError:
            continue
        except nbclient.exceptions.CellExecutionError:
            client.set_widgets_metadata()
        return nbformat.writes(nb) + "\n"
    raise TimeoutError("nbclient did not come to an end in three runs")


def answer(request):
    op, text = request["op"], request["text"]
    if op == "rewrite":
        return nbformat.writes(nbformat.reads(text, as_version=4)) + "\n"
    if op == "upgrade":
        return nbformat.writes(to_v45(text)) + "\n"
    if op == "errors":
        nb = json.loads(text)
        version = (nb["nbformat"], nb["nbformat_minor"])
        return [
            error.message
            for error in nbformat.validator.iter_validate(nb, version=version[0], version_minor=version[1])
        ]
    if op == "splitlines":
        return text.splitlines(True)
    if op == "dumps":
        return json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False)
    if op == "execute":
        return execute(text)
    raise ValueError(op)


for line in sys.stdin:
    try:
        reply = {"ok": answer(json.loads(line))}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
