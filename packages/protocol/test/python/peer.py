"""The reference implementation, for the tests: one JSON request a line on stdin, one JSON answer a line on stdout."""

import hashlib
import hmac
import json
import os
import sys
import tempfile
import warnings

from jupyter_client import adapter, jsonutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.session import Session, json_packer, json_unpacker

warnings.simplefilter("ignore")


def session(request):
    # The standard library's json, whatever else is installed: the packer that every Python has.
    made = Session(key=request["key"].encode(), signature_scheme=request["scheme"], session="python")
    made.pack, made.unpack = json_packer, json_unpacker
    return made


def plain(value):
    """Dates back to text."""
    return json.loads(json.dumps(value, default=jsonutil.json_default))


def digests(request):
    """Every digest of hashlib that a Session can sign with."""
    names = []
    for name in sorted(hashlib.algorithms_available):
        try:
            hmac.HMAC(b"k", digestmod=getattr(hashlib, name)).hexdigest()
        except (AttributeError, TypeError, ValueError):
            continue
        names.append(name)
    return names


def make(request):
    """A message that jupyter_client makes from nothing, on the wire."""
    by = session(request)
    parent = by.msg("execute_request", {"code": "1"})
    message = by.msg(request["type"], request["content"], parent=parent, metadata=request["metadata"])
    return {"frames": [frame.hex() for frame in by.serialize(message, [b"a", b""])], "message": plain(message)}


def serialize(request):
    frames = session(request).serialize(request["message"], [bytes.fromhex(i) for i in request["identities"]])
    return [frame.hex() for frame in frames] + request["buffers"]


def deserialize(request):
    by = session(request)
    identities, rest = by.feed_identities([bytes.fromhex(frame) for frame in request["frames"]])
    message = by.deserialize(rest)
    buffers = [bytes(buffer).hex() for buffer in message.pop("buffers")]
    return {"identities": [i.hex() for i in identities], "message": plain(message), "buffers": buffers}


def adapt(request):
    return plain(adapter.adapt(request["message"], request["to"]))


def kernelspec(request):
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "kernel.json"), "w", encoding="utf-8") as file:
            json.dump(request["value"], file)
        return KernelSpec.from_resource_dir(directory).to_dict()


OPERATIONS = {f.__name__: f for f in (digests, make, serialize, deserialize, adapt, kernelspec)}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"ok": OPERATIONS[asked["op"]](asked)}
    except Exception as error:  # the caller compares what fails
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
