"""libzmq through pyzmq: publishes as fast as it can, or echoes. Used where no C compiler is there; see zmq_peer.c."""

import sys

import zmq
from jsonlines import serve

context = zmq.Context()
socket = None


def publish(endpoint):
    global socket
    socket = context.socket(zmq.XPUB)
    # Every subscriber is told of, also one with the same topic as one that has just gone.
    socket.setsockopt(zmq.XPUB_VERBOSE, 1)
    return bind(endpoint)


def route(endpoint):
    global socket
    socket = context.socket(zmq.ROUTER)
    return bind(endpoint)


def bind(endpoint):
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.LINGER, 0)
    socket.bind(endpoint)
    return socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()


def flood(count, frames, size):
    while socket.recv()[:1] != b"\x01":
        pass
    # Large bodies take turns, and hold something: what the processor's caches have already would be too easy to send.
    messages = [[bytes([97 + i]) * size] * frames for i in range(8)]
    copy = size < 65536
    for i in range(count):
        socket.send_multipart(messages[i % 8], copy=copy)


def echo(count):
    for _ in range(count):
        socket.send_multipart(socket.recv_multipart())


def version():
    return f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}"


if __name__ == "__main__":
    sys.setswitchinterval(1)
    serve({"publish": publish, "route": route, "flood": flood, "echo": echo, "version": version})
