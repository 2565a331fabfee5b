"""The steps that the code of an execute_request consists of: `[["stream", "text"], ["reply"], ["idle"]]`."""
import json
import os
import signal
import sys
import time

from . import start_faults


class Steps:
    def __init__(self, kernel):
        self._kernel = kernel

    def run(self, request):
        code = request.content['code']
        for name, *argument in [['reply'], ['idle']] if code == '' else json.loads(code):
            getattr(self, 'do_' + name.replace('-', '_'))(request, argument[0] if argument else None)

    def reply_content(self, status):
        return {
            'status': status,
            'execution_count': self._kernel.count,
            'ename': 'E',
            'evalue': 'v',
            'traceback': [],
        }

    # ---- what a cell does: each step is the method of its name, and takes the request and the step's argument

    def do_stream(self, request, text, **extras):
        self._kernel.publish('stream', request.parent, {'name': 'stdout', 'text': text}, **extras)

    def do_result(self, request, text):
        content = {'data': {'text/plain': text}, 'metadata': {}, 'execution_count': self._kernel.count}
        self._kernel.publish('execute_result', request.parent, content)

    def do_display(self, request, data):
        self._kernel.publish('display_data', request.parent, data)

    def do_publish(self, request, argument):
        """[type, content]: any message."""
        kind, content = argument
        self._kernel.publish(kind, request.parent, content)

    def do_buffers(self, request, argument):
        """[count, bytes]: a comm_msg with so many buffers, each filled with its own number."""
        count, size = argument
        content = {'comm_id': 'faulty', 'data': {}}
        self._kernel.publish('comm_msg', request.parent, content, buffers=[bytes([at]) * size for at in range(count)])

    def do_flood(self, request, count):
        """That many lines, as fast as it can."""
        for at in range(count):
            self.do_stream(request, f'{at}\n')

    def do_rate(self, request, argument):
        """[messages a second, seconds]: lines with their number; then, as the result, how many a second they were."""
        per_second, seconds = argument
        count = int(per_second * seconds)
        wire = self._kernel.wire
        # Made beforehand: Python alone could not sign that many.
        lines = [wire.frames('stream', request.parent, {'name': 'stdout', 'text': f'{at}\n'}) for at in range(count)]
        began = time.monotonic()
        for at, line in enumerate(lines):
            self._kernel.sockets.publish(line)
            if at % 1000 == 0:
                time.sleep(max(0, began + at / per_second - time.monotonic()))
        self.do_result(request, str(int(count / (time.monotonic() - began))))

    def do_reply(self, request, status=None):
        self._kernel.answer('shell', request, 'execute_reply', self.reply_content(status or 'ok'))

    def do_bad_reply(self, request, wrong):
        self._kernel.answer('shell', request, 'execute_reply', self.reply_content('ok'), wrong)

    def do_idle(self, request, _):
        self._kernel.status('idle', request.parent)

    def do_bad_input(self, request, prompt):
        """Asks with a wrong signature, and waits for the answer."""
        self.do_input(request, prompt, 'signature')

    def do_input(self, request, prompt, wrong=None):
        """Asks, and prints the answer."""
        stdin = self._kernel.sockets['stdin']
        # Answers to a question that nobody waits for any more.
        while stdin.poll(0):
            stdin.recv_multipart()
        self._kernel.answer('stdin', request, 'input_request', {'prompt': prompt, 'password': False}, wrong)
        answer = json.loads(stdin.recv_multipart()[-1])
        self.do_stream(request, f'answer: {answer["value"]}')

    # ---- messages that cannot be read

    def do_bad_signature(self, request, text):
        self.do_stream(request, text, wrong='signature')

    def do_no_signature(self, request, text):
        self.do_stream(request, text, wrong='no-signature')

    def do_bad_json(self, request, text):
        self.do_stream(request, text, wrong='json')

    def do_no_delimiter(self, *_):
        self._kernel.sockets.publish([b'just', b'some', b'frames'])

    def do_empty(self, *_):
        self._kernel.sockets.publish([b''])

    # ---- sockets and process

    def do_close(self, _, channel):
        """Closes that socket for good. What its own thread has to close is closed when that looks up."""
        if channel in ('control', 'hb'):
            self._kernel.to_close.add(channel)
            while self._kernel.sockets[channel] is not None:
                time.sleep(0.005)
        else:
            self._kernel.sockets.close(channel)

    def do_tear(self, _, channel):
        """Breaks that connection off, and the next in the middle of a frame; then all is well again (shell, iopub)."""
        self._kernel.sockets.tear(channel, 'frame')

    def do_flap(self, _, channel):
        """As `tear`, with every connection from now on."""
        self._kernel.sockets.tear(channel, 'frame', None)

    def do_swallow(self, _, channel):
        """As `tear`, but the connection breaks off only when a request has come, which is lost."""
        self._kernel.sockets.tear(channel, 'request')

    def do_wait(self, _, ms):
        time.sleep(ms / 1000)

    def do_hang(self, *_):
        """The shell channel is not looked at again."""
        while True:
            time.sleep(1000)

    def do_stderr(self, _, text):
        sys.stderr.write(text)
        sys.stderr.flush()

    def do_exit(self, _, status):
        start_faults.leave(status)

    def do_kill(self, _, name):
        os.kill(os.getpid(), getattr(signal, name))

    def do_fork(self, *_):
        start_faults.fork()
