"""The evaluation runner against a mock endpoint: speed, memory, bytes, a kill, faults; beside the peers that are installed.

`uv run python -m benchmarks.runner [--only PART] [--json FILE]`. Start at `__main__`.
"""
