#!/usr/bin/env python3
"""A kernel that does wrong on purpose, for the tests: `python faulty-kernel.py CONNECTION_FILE [START]`.

It speaks through libzmq (pyzmq), not through our own ZMTP: two ends written by the same hand agree on the same mistakes.

START is JSON: what goes wrong at the start, and what is different all the time.
  {"exit": 3, "stderr": "…"}     ends with that status, after writing that; where is said by
       "at": "start"             before it binds anything (the default)
             "some-bound"        with shell and control bound, and nothing else
             "all-bound"         with all five bound
             "asked"             when kernel_info has come, before it is answered
             "replied"           when it is answered, before iopub says anything
  {"fork": true}                 before that exit it forks a child that keeps its sockets and pipes
  {"bind": {"iopub": 500}}       binds that socket so many milliseconds late; "never": not at all
  {"garbage": "text"}            listens, but what it speaks on its sockets is not ZMTP
  {"torn": {"on": "shell", "after": "frame", "times": 1}}
                                 there, a raw peer writes half of the greeting ("greeting"), or greets and writes half of a
                                 frame ("frame"), and closes; so many times, or for ever; then the real socket is bound
  {"silent": true}               binds its sockets, answers nothing
  {"mute": true}                 answers, but its iopub never says anything (but the welcome)
  {"no-info": ["control"]}       never answers kernel_info on those channels
  {"answers": ["busy", "reply", "idle"]}   what it says, in which order, to every request that executes nothing
  {"bad-first": "signature"}     its first answer carries a wrong signature, or has no "delimiter"
  {"bad-always": "signature"}    all its answers do
  {"ignore": ["SIGINT", "SIGTERM", "shutdown", "interrupt"]}   does not heed those; {"deaf": true}: the first three
  {"interruptible": true}        SIGINT and interrupt_request end the cell that runs, with an error
  {"hold": "control"}            takes nothing from that channel
  {"version": "5.5"}             speaks that protocol; {"old": true}: 4.1
  {"welcome": true}              its iopub is an XPUB that greets each subscriber with iopub_welcome
  {"child": true}                starts a child of its own that would outlive it
  {"dies": "file"}               ends at once if that file exists, and makes it
  {"taken": true}                says that its address is in use, unless the file named by "once" exists; and ends ("alive": runs on)

The code of an execute_request is JSON: a list of steps, each a list of a name and an argument: faulty/steps.py. No code is no
step but the answer. A comm_msg is answered with a comm_msg that has the same data and the same buffers.
"""
import json
import os
import sys
import threading
import traceback

sys.pycache_prefix = os.path.join(os.path.dirname(os.path.abspath(__file__)), '.cache', 'pycache')

from faulty import start_faults  # noqa: E402


def fall(*_):
    """An exception that nobody expected ends the process, in whichever thread it is: a test must not wait for a ruin."""
    traceback.print_exc()
    start_faults.leave(1)


def main():
    start = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    start_faults.before_binding(start)
    with open(sys.argv[1], encoding='utf8') as file:
        info = json.load(file)
    if 'garbage' in start:
        from faulty import raw_peers

        raw_peers.speak_garbage(info, start['garbage'].encode())
    else:
        from faulty.kernel import Kernel

        Kernel(info, start).run()


threading.excepthook = fall
try:
    main()
except Exception:
    fall()
