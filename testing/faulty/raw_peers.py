"""Peers that are no ZeroMQ sockets: they write bytes to whoever connects."""
import os
import socket
import threading
import time

CHANNELS = ('shell', 'control', 'stdin', 'iopub', 'hb')
TYPES = {'shell': b'ROUTER', 'control': b'ROUTER', 'stdin': b'ROUTER', 'iopub': b'PUB', 'hb': b'REP'}
GREETING = b'\xff' + bytes(8) + b'\x7f\x03\x00' + b'NULL'.ljust(20, b'\0') + bytes(32)
# The head of a message frame of 32 bytes, and four of them.
HALF_A_FRAME = b'\x00\x20half'
PATIENCE = 5


def listen(info, channel):
    port = info[f'{channel}_port']
    # What closed there a moment ago may not be gone yet: libzmq closes behind our back.
    deadline = time.monotonic() + PATIENCE
    while True:
        listener = socket.socket(socket.AF_UNIX if info['transport'] == 'ipc' else socket.AF_INET)
        try:
            if info['transport'] == 'ipc':
                path = f"{info['ip']}-{port}"
                # libzmq leaves its file there.
                if os.path.exists(path):
                    os.unlink(path)
                listener.bind(path)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((info['ip'], port))
            listener.listen()
            return listener
        except OSError:
            listener.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def speak_garbage(info, text):
    def serve(listener):
        while True:
            peer, _ = listener.accept()
            peers.append(peer)
            try:
                peer.sendall(text)
            except OSError:
                pass  # the client has left already

    peers = []
    threads = [threading.Thread(target=serve, args=(listen(info, channel),)) for channel in CHANNELS]
    for thread in threads:
        thread.start()


def tear(info, channel, after, times):
    """Takes so many connections (None: without end) and breaks each of them off, in the middle of what it writes."""
    listener = listen(info, channel)
    while times is None or times > 0:
        peer, _ = listener.accept()
        times = None if times is None else times - 1
        # A client that leaves first, or says nothing, must not end or keep us.
        peer.settimeout(PATIENCE)
        try:
            if after == 'greeting':
                peer.sendall(GREETING[:20])
            else:
                request = shake_hands(peer, TYPES[channel])
                if after == 'request' and not request:
                    peer.recv(65536)
                peer.sendall(HALF_A_FRAME)
            # Our end first, then theirs: a close with unread bytes would be a reset.
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except OSError:
            pass
        peer.close()
    listener.close()
    if info['transport'] == 'ipc':
        os.unlink(f"{info['ip']}-{info[f'{channel}_port']}")


def shake_hands(peer, socket_type):
    """Gives what the client sent after its part of it."""
    name = b'Socket-Type'
    ready = b'\x05READY' + bytes([len(name)]) + name + len(socket_type).to_bytes(4, 'big') + socket_type
    peer.sendall(GREETING + b'\x04' + bytes([len(ready)]) + ready)
    # Its greeting, then its READY, whose second byte says how long it is: it has then read ours, or is about to.
    received = b''
    while len(received) < 66 or len(received) < 66 + received[65]:
        more = peer.recv(65536)
        if not more:
            raise OSError('the client has left')
        received += more
    return received[66 + received[65]:]
