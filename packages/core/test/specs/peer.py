"""Jupyter's own answer, for the differential test: one JSON line with a case in, one JSON line with the answer out.

What a process finds out once, when it starts (prefix, user site, platform), is set for each case, and the modules that
read it at import are loaded again. Everything else is the real jupyter_core and jupyter_client.
"""
import importlib
import json
import logging
import os
import site
import sys
import warnings

import jupyter_client.kernelspec
import jupyter_core.paths
import platformdirs
import platformdirs.unix
import platformdirs.macos

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
own_prefix, own_base, own_platform, listdir = sys.prefix, sys.base_prefix, sys.platform, os.listdir


def settled(path="."):
    # Among directories that differ only in case Jupyter takes the last that the file system names, which is any. Here it
    # names last the one that Kernelkit documents to take: all lower case, else the least.
    return sorted(listdir(path), key=lambda name: (name != name.lower(), name), reverse=True)


def answer(case):
    os.environ.clear()
    os.environ.update(case["env"])
    os.chdir(case["cwd"])
    sys.prefix, sys.base_prefix = case["prefix"], case["basePrefix"]
    sys.platform = case["platform"]
    site.ENABLE_USER_SITE, site.USER_BASE = case["userSite"], None
    importlib.reload(platformdirs)
    importlib.reload(jupyter_core.paths)
    module = importlib.reload(jupyter_client.kernelspec)
    manager = module.KernelSpecManager(ensure_native_kernel=False)
    try:
        os.listdir = settled
        specs = manager.get_all_specs()
    finally:
        os.listdir = listdir
        sys.prefix, sys.base_prefix, sys.platform = own_prefix, own_base, own_platform
    absolute = lambda path: os.path.join(case["cwd"], path)
    return {
        "dirs": [absolute(path) for path in manager.kernel_dirs],
        "specs": {name: {**found, "resource_dir": absolute(found["resource_dir"])} for name, found in specs.items()},
    }


for line in sys.stdin:
    reply = json.dumps(answer(json.loads(line)))
    # NaN and the like are not JSON: null, as in Kernelkit
    print(json.dumps(json.loads(reply, parse_constant=lambda _: None)), flush=True)
