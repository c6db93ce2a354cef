"""The sample logs: 600 invented conversations of Harbor Outfitters over 14 days and two releases, with known truth.

Everything follows from the seed: the same seed gives the same bytes. The logs are written into a home, never kept in the
repository.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from random import Random

from goldworks.demo.damage import deliver, dirt_of, files_of
from goldworks.demo.play import play_all
from goldworks.demo.truth import Truth

SEED = 7


def write_logs(folder: Path, seed: int = SEED) -> Truth:
    """Write the log files into `folder` and what is known of them into the folder `truth` beside it; return that.

    Files are `<dialect>/<day>.jsonl.gz`, the dialects otlp and openai_chat; one file comes days late below `otlp/late/`.
    """
    rng = Random(seed)  # noqa: S311 - invented data, no secret
    exchanges = play_all(rng)
    delivery = deliver(rng, exchanges)
    for name, rows in delivery.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_zip(b"".join(row.data + b"\n" for row in rows)))
    truth = Truth(
        planted=tuple(value for exchange in exchanges for value in exchange.planted),
        dirt=tuple(dirt_of(delivery)),
        turns=tuple(exchange.known for exchange in exchanges if exchange.known is not None),
        files=tuple(files_of(delivery)),
    )
    truth.write(folder.parent / "truth")
    return truth


def _zip(data: bytes) -> bytes:
    """Gzip without a time stamp or name, so that equal data give equal bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=6) as file:
        file.write(data)
    return out.getvalue()
