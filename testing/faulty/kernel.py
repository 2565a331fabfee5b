"""The kernel: takes requests, and answers them as START says."""
import os
import signal
import threading
import time

import zmq

from . import raw_peers
from .sockets import Sockets
from .start_faults import exit_at
from .steps import Steps
from .wire import Request, Wire

# What a thread looks at between two waits for a message: whether its socket shall be closed.
TURN = 50


class Interrupted(Exception):
    pass


class Kernel:
    def __init__(self, info, start):
        self.start = start
        self.version = '4.1' if start.get('old') else start.get('version', '5.3')
        self.wire = Wire(info['key'], self.version)
        self.sockets = Sockets(info, start.get('welcome'))
        self.count = 0
        # Channels that their own threads shall close.
        self.to_close = set()
        self._first = True
        self._cell_runs = False
        self._steps = Steps(self)

    def run(self):
        if self.start.get('interruptible'):
            signal.signal(signal.SIGINT, self._on_sigint)
        for at, channel in enumerate(raw_peers.CHANNELS):
            if at == 2:
                exit_at(self.start, 'some-bound')
            if not self._is_late(channel):
                self.sockets.bind(channel)
        exit_at(self.start, 'all-bound')
        if self.start.get('welcome'):
            self._begin(self.sockets.greet, lambda: self.wire.frames('iopub_welcome', b'{}', {'subscription': ''}))
        for channel in ('iopub', 'stdin'):
            if self._is_late(channel):
                self._begin(self._bind_late, channel)
        for channel, take in (('control', self._take), ('hb', self._echo)):
            if self.start.get('hold') != channel:
                self._begin(self._serve, channel, take)
        if self.start.get('hold') != 'shell':
            self._serve('shell', self._take)
        # The control thread ends the process; a signal handler needs the main thread.
        while True:
            time.sleep(1000)

    # ---- what steps and answers are made of

    def publish(self, kind, parent, content, **extras):
        if not self.start.get('mute'):
            self.sockets.publish([b'kernel.' + kind.encode(), *self.wire.frames(kind, parent, content, **extras)])

    def status(self, state, parent):
        self.publish('status', parent, {'execution_state': state})

    def answer(self, channel, request, kind, content, wrong=None):
        self.sockets.answer(channel, [request.identity, *self.wire.frames(kind, request.parent, content, wrong)])

    # ---- inside

    def _begin(self, work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _is_late(self, channel):
        return channel in self.start.get('bind', {}) or self.start.get('torn', {}).get('on') == channel

    def _bind_late(self, channel):
        late = self.start.get('bind', {}).get(channel, 0)
        torn = self.start.get('torn', {})
        if late == 'never':
            return
        time.sleep(late / 1000)
        if torn.get('on') == channel:
            raw_peers.tear(self.sockets.info, channel, torn['after'], torn.get('times'))
        self.sockets.bind(channel)

    def _serve(self, channel, take):
        if self._is_late(channel):
            # By the thread that takes from it: a ZeroMQ socket is one thread's at a time.
            self._bind_late(channel)
        try:
            while channel not in self.to_close and self.sockets[channel] is not None:
                if self.sockets[channel].poll(TURN):
                    take(channel)
        except zmq.ContextTerminated:
            # Shell's thread is stdin's, too.
            if channel == 'shell':
                self.sockets.close('stdin')
        self.sockets.close(channel)

    def _echo(self, channel):
        self.sockets[channel].send(self.sockets[channel].recv())

    def _take(self, channel):
        request = Request(self.sockets[channel].recv_multipart())
        if self.start.get('silent'):
            return
        if request.kind == 'execute_request':
            self._execute(request)
            return
        if request.kind == 'shutdown_request' and (self.start.get('deaf') or self._ignores('shutdown')):
            return
        if request.kind == 'interrupt_request' and self._ignores('interrupt'):
            return
        for word in self.start.get('answers', ['busy', 'reply', 'idle']):
            if word == 'reply':
                self._reply(channel, request)
            else:
                self.status(word, request.parent)
        if request.kind == 'shutdown_request':
            self._shut_down()

    def _reply(self, channel, request):
        if request.kind == 'kernel_info_request':
            exit_at(self.start, 'asked')
            if channel in self.start.get('no-info', []):
                return
        content = self._content(request)
        if content is None:
            return
        wrong = self.start.get('bad-always') or (self.start.get('bad-first') if self._first else None)
        self._first = False
        self.answer(channel, request, request.kind.replace('_request', '_reply'), content, wrong)
        if request.kind == 'kernel_info_request' and self.start.get('at') == 'replied':
            # libzmq sends behind our back, and what has not left the process is lost with it.
            time.sleep(0.1)
            exit_at(self.start, 'replied')

    def _content(self, request):
        """What a request that executes nothing is answered; None: nothing."""
        if request.kind == 'kernel_info_request':
            return self._info()
        if request.kind == 'shutdown_request':
            return {'status': 'ok', 'restart': request.content['restart']}
        if request.kind == 'interrupt_request':
            if self.start.get('interruptible'):
                os.kill(os.getpid(), signal.SIGINT)
            return {'status': 'ok'}
        if request.kind == 'comm_msg':
            self.publish('comm_msg', request.parent, request.content, buffers=request.buffers)
        return None

    def _info(self):
        if self.version.startswith('4'):
            return {'protocol_version': [4, 1], 'language_version': [1, 0], 'language': 'steps'}
        return {
            'status': 'ok',
            'protocol_version': self.version,
            'implementation': 'faulty',
            'implementation_version': '1',
            'language_info': {'name': 'steps', 'version': '1', 'mimetype': 'application/json', 'file_extension': '.json'},
            'banner': '',
            'help_links': [],
            **({'supported_features': []} if self.version >= '5.5' else {}),
        }

    def _execute(self, request):
        self.count += 1
        self._cell_runs = True
        try:
            self.status('busy', request.parent)
            self._steps.run(request)
        except Interrupted:
            self.answer('shell', request, 'execute_reply', self._steps.reply_content('error'))
            self.status('idle', request.parent)
        finally:
            self._cell_runs = False

    def _on_sigint(self, *_):
        if self._cell_runs:
            self._cell_runs = False
            raise Interrupted

    def _ignores(self, what):
        return what in self.start.get('ignore', [])

    def _shut_down(self):
        """On the control thread. The others meet the end of the context in their waits and close what is theirs."""
        # A cell that runs, or a socket that nobody serves, does not keep us.
        timer = threading.Timer(0.5, os._exit, [0])
        timer.daemon = True
        timer.start()
        self.sockets.close('control')
        self.sockets.close('iopub')
        self.sockets.context.term()
        os._exit(0)
