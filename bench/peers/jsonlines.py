"""Serves commands that come as JSON lines on stdin; each is answered by one line on stdout."""

import json
import os
import sys

# What a library or a kernel prints must not mix with the answers.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def serve(commands):
    """Calls commands[name](**arguments) for each line, until stdin ends."""
    for line in sys.stdin:
        arguments = json.loads(line)
        try:
            answer = {"result": commands[arguments.pop("command")](**arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        _answers.write(json.dumps(answer) + "\n")
        _answers.flush()
