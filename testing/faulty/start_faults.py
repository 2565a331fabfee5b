"""What goes wrong with the process: how and when it ends, what it does not heed, whom it leaves behind."""
import os
import signal
import subprocess
import sys
import time


def before_binding(start):
    if start.get('taken') and not os.path.exists(start['once']):
        open(start['once'], 'w').close()
        sys.stderr.write('zmq.error.ZMQError: Address already in use\n')
        sys.stderr.flush()
        while start['taken'] == 'alive':  # as JJava does
            time.sleep(1)
        leave(1)
    if 'dies' in start:
        if os.path.exists(start['dies']):
            leave(9)
        open(start['dies'], 'w').close()
    ignored = ['SIGINT', 'SIGTERM'] if start.get('deaf') else start.get('ignore', [])
    # Python's own handler would print a traceback where a kernel without one just ends.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name in ignored:
        if name.startswith('SIG'):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if start.get('child'):
        subprocess.Popen(['sleep', '1000'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    exit_at(start, 'start')


def exit_at(start, phase):
    """Ends the process if START says so for this phase."""
    if 'exit' not in start or start.get('at', 'start') != phase:
        return
    sys.stderr.write(start.get('stderr', ''))
    if start.get('fork'):
        fork()
    leave(start['exit'])


def fork():
    """A child that has a copy of every descriptor, and does nothing."""
    if os.fork() == 0:
        while True:
            time.sleep(1000)


def leave(status):
    """Ends at once: nothing that is still queued in a socket goes out, as when a process crashes."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
