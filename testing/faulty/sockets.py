"""The kernel's five sockets. One thread each takes from shell (the main thread, stdin too), control and hb; all may publish."""
import threading
import time

import zmq

from . import raw_peers

KINDS = {'shell': zmq.ROUTER, 'control': zmq.ROUTER, 'stdin': zmq.ROUTER, 'iopub': zmq.PUB, 'hb': zmq.REP}
# How long an answer waits for a client whose connection broke: it comes back under the same identity.
ABSENT = 3


class Sockets:
    def __init__(self, info, welcome):
        self.info = info
        self.context = zmq.Context()
        self._kinds = {**KINDS, **({'iopub': zmq.XPUB} if welcome else {})}
        self._lock = threading.RLock()
        self._sockets = {channel: self._make(channel) for channel in KINDS}

    def __getitem__(self, channel):
        """The socket, or None when it has been closed."""
        return self._sockets[channel]

    def _make(self, channel):
        socket = self.context.socket(self._kinds[channel])
        # A kernel of the tests drops nothing unless it is told to.
        socket.set_hwm(0)
        socket.linger = 1000
        if self._kinds[channel] == zmq.ROUTER:
            socket.router_mandatory = 1
            socket.router_handover = 1
        if self._kinds[channel] == zmq.XPUB:
            socket.xpub_verbose = 1
        return socket

    def bind(self, channel):
        port = self.info[f'{channel}_port']
        between = '-' if self.info['transport'] == 'ipc' else ':'
        # Under the lock: iopub is another thread's, too.
        with self._lock:
            self._sockets[channel].bind(f"{self.info['transport']}://{self.info['ip']}{between}{port}")

    def publish(self, frames):
        with self._lock:
            if self._sockets['iopub'] is not None:
                self._sockets['iopub'].send_multipart(frames)

    def answer(self, channel, frames):
        deadline = time.monotonic() + ABSENT
        while self._sockets[channel] is not None:
            try:
                self._sockets[channel].send_multipart(frames)
                return
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH or time.monotonic() > deadline:
                    return
                time.sleep(0.005)

    def close(self, channel):
        """Closes it and its connections, and sends what is queued before. To be called by the thread that takes from it."""
        with self._lock:
            socket, self._sockets[channel] = self._sockets[channel], None
        if socket is not None:
            socket.close()

    def tear(self, channel, after, times=1):
        """Puts a raw peer in its place, which breaks off the client's next connections, and then a new socket."""
        self.close(channel)
        raw_peers.tear(self.info, channel, after, times)
        with self._lock:
            self._sockets[channel] = self._make(channel)
            self.bind(channel)
            if self._kinds[channel] == zmq.XPUB and self._sockets[channel].poll(ABSENT * 1000):
                # The client has subscribed again: what is published from now on reaches it.
                self._sockets[channel].recv()

    def greet(self, welcome):
        """Answers each subscription with the welcome, for ever."""
        while True:
            with self._lock:
                iopub = self._sockets['iopub']
                try:
                    if iopub is not None and iopub.recv(zmq.NOBLOCK)[:1] == b'\x01':
                        iopub.send_multipart(welcome())
                        continue
                except zmq.Again:
                    pass
            time.sleep(0.002)
