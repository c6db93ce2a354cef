"""The child process that holds the model: llama.cpp's own OpenAI-compatible server, started through `xllamacpp`.

Run by `model.ModelServer` as `python -m goldworks.demo.model_process FILE PORT THREADS`, never by hand. It prints one line,
`ready <port>`, and lives until its standard input is closed: when the parent dies in whatever way, so does it.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any
from urllib.parse import urlsplit

CONTEXT_TOKENS = 2048
READY = "ready"


def main(model_file: str, port: int, threads: int) -> None:
    """Serve `model_file` on 127.0.0.1:`port` (0: any free one) until standard input ends."""
    # the native library, which has no types: only this process pays for it, and only this one dies with it
    xllamacpp: Any = importlib.import_module("xllamacpp")

    params = xllamacpp.CommonParams()
    params.model.path = model_file
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1  # one slot: at temperature 0 answers repeat exactly only when calls are served one by one
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = 0
    params.warmup = False
    params.ui = False
    params.offline = True
    params.verbosity = 0
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{READY} {urlsplit(server.listening_address).port}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # the native threads have nothing to save, and waiting for them can hang


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
