"""jupyter_client as the other side: starts kernels, connects to kernels, runs code; measures with its own clock."""

import time
from queue import Empty

from jsonlines import serve
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

manager: KernelManager | None = None
client: BlockingKernelClient | None = None


def now():
    return time.perf_counter() * 1000


def start(kernel, transport="tcp"):
    """Milliseconds until start_new_kernel returns; for ipc the same steps, as start_new_kernel cannot ask for it."""
    global manager, client
    begin = now()
    if transport == "tcp":
        manager, client = start_new_kernel(startup_timeout=60, kernel_name=kernel)
    else:
        manager = KernelManager(kernel_name=kernel, transport=transport)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
    return now() - begin


def stop():
    global manager, client
    if client is not None:
        client.stop_channels()
    if manager is not None:
        manager.shutdown_kernel(now=True)
    manager = client = None


def connect(file):
    """Connects to a kernel that somebody else has started."""
    global client
    client = BlockingKernelClient()
    client.load_connection_file(file)
    client.start_channels()
    client.wait_for_ready(timeout=60)


def execute(code, times, reply_only=False, warm_ups=20):
    """The milliseconds of each execution: until reply and idle, or until the reply."""
    taken = []
    for _ in range(warm_ups + times):
        begin = now()
        if reply_only:
            client.execute(code, reply=True, timeout=60)
        else:
            client.execute_interactive(code, output_hook=ignore, timeout=60)
        taken.append(now() - begin)
    while reply_only:
        try:
            client.get_iopub_msg(timeout=0.2)
        except Empty:
            break
    return taken[warm_ups:]


def ignore(_message):
    pass


def printed(code, timeout, block_after_first=0):
    """Runs code that prints or displays the numbers from 0; gives the time taken and how many came, in order or not.

    block_after_first: seconds that the reader is busy with something else when the first output has come.
    """
    texts = []
    blocked = False

    def hook(message):
        nonlocal blocked
        content = message["content"]
        if message["msg_type"] == "stream":
            texts.append(content["text"])
        elif message["msg_type"] == "display_data":
            texts.append(content["data"]["text/plain"] + "\n")
        else:
            return
        if block_after_first and not blocked:
            blocked = True
            time.sleep(block_after_first)

    begin = now()
    ended = True
    try:
        client.execute_interactive(code, output_hook=hook, timeout=timeout, stop_on_error=False)
    except TimeoutError:
        # What marks the end was lost as well.
        ended = False
    taken = now() - begin
    numbers = [int(line) for line in "".join(texts).split()]
    return {"ms": taken, "lines": len(numbers), "in_order": numbers == sorted(numbers), "ended": ended}


def text_of(code):
    """What the code prints."""
    texts = []
    client.execute_interactive(code, output_hook=lambda m: texts.append(m["content"].get("text", "")), timeout=60)
    return "".join(texts)


def bulk(code):
    """Runs code that sends one large display or comm message: the time taken, and the bytes that came."""
    size = 0

    def hook(message):
        nonlocal size
        if message["msg_type"] == "display_data":
            size = len(message["content"]["data"]["application/x-bench"])
        elif message["msg_type"] == "comm_msg":
            size = sum(len(buffer) for buffer in message["buffers"])

    begin = now()
    client.execute_interactive(code, output_hook=hook, timeout=60)
    return {"ms": now() - begin, "bytes": size}


if __name__ == "__main__":
    try:
        serve(
            {
                "start": start,
                "stop": stop,
                "connect": connect,
                "execute": execute,
                "printed": printed,
                "text_of": text_of,
                "bulk": bulk,
            }
        )
    finally:
        stop()
