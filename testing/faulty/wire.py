"""Jupyter's wire format, right and wrong (jupyter_client/docs/messaging.rst, "The Wire Protocol")."""
import hmac
import json
import time
import uuid

DELIMITER = b'<IDS|MSG>'


class Wire:
    def __init__(self, key, version):
        self.version = version
        self.session = uuid.uuid4().hex
        self._hmac = hmac.new(key.encode(), digestmod='sha256') if key else None
        self._count = 0

    def sign(self, parts):
        if self._hmac is None:
            return b''
        mac = self._hmac.copy()
        for part in parts:
            mac.update(part)
        return mac.hexdigest().encode()

    def frames(self, kind, parent, content, wrong=None, buffers=()):
        """A message's frames. `parent`: the header of its request, as it came. `wrong`: what is wrong with it."""
        self._count += 1
        header = {
            'msg_id': f'{self.session}_{self._count}',
            'session': self.session,
            'username': 'faulty',
            'date': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
            'msg_type': kind,
            'version': self.version,
        }
        parts = [json.dumps(header).encode(), parent, b'{}', json.dumps(content).encode()]
        if wrong == 'json':
            parts[3] = b'{"name": "stdout", "text": '
        signature = self.sign(parts)
        if wrong == 'signature':
            signature = b'f' * 64
        elif wrong == 'no-signature':
            signature = b''
        return [*([] if wrong == 'delimiter' else [DELIMITER]), signature, *parts, *buffers]


class Request:
    """A request as it came: whom to answer, and what it asks."""

    def __init__(self, frames):
        at = frames.index(DELIMITER)
        self.identity = frames[0]
        self.parent = frames[at + 2]
        self.header = json.loads(frames[at + 2])
        self.content = json.loads(frames[at + 5])
        self.buffers = frames[at + 6:]
        self.kind = self.header['msg_type']
