"""Sentence embeddings by a model of one's own, from a local folder. Nothing is ever fetched."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STATIC = "model.safetensors"
"""The file of a model2vec model; a folder with it is one."""

NETWORK = ("model.onnx", "onnx/model.onnx")
"""Where a network in ONNX form lies."""

LONGEST = 512
"""Tokens of a text that a network reads; the rest is cut, as sentence encoders do."""

Vectors = Any
"""Array [texts, dimensions] of unit length, float32; a text without a known token has a vector of zeros."""


def check(folder: str) -> str:
    """The folder, when it holds a model that can be used here. For validators: raises `ValueError` with the remedy."""
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise ValueError(f"no folder {path}: save a model2vec model, or an ONNX network with its tokenizer.json, there")
    network = network_of(path)
    if network is None and not (path / STATIC).is_file():
        raise ValueError(f"{path} holds neither {STATIC} (model2vec) nor {NETWORK[0]}")
    if not (path / "tokenizer.json").is_file():
        raise ValueError(f"{path} holds no tokenizer.json: save the model's fast tokenizer there")
    packages = ("onnxruntime", "tokenizers") if network is not None else ("model2vec",)
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise ValueError(f"embeddings need {' and '.join(missing)}: uv sync --extra models, or pip install 'goldworks[models]'")
    return folder


def network_of(path: Path) -> Path | None:
    """The ONNX network in a folder."""
    return next((path / name for name in NETWORK if (path / name).is_file()), None)


def files_digest(folder: str) -> str:
    """SHA-256 over the model's files: another model in the same folder is another scorer."""
    path = Path(folder).expanduser()
    parts = hashlib.sha256()
    for file in (network_of(path) or path / STATIC, path / "tokenizer.json", path / "config.json"):
        if file.is_file():
            with file.open("rb") as stream:
                parts.update(hashlib.file_digest(stream, "sha256").digest())
    return parts.hexdigest()


def embedder(folder: str) -> Callable[[Sequence[str]], Vectors]:
    """What makes vectors of texts. Loads the model."""
    path = Path(folder).expanduser()
    network = network_of(path)
    return _static(path) if network is None else _network(path, network)


def _static(path: Path) -> Callable[[Sequence[str]], Vectors]:
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(path, force_download=False)

    def embed(texts: Sequence[str]) -> Vectors:
        return unit(model.encode(list(texts), show_progress_bar=False, use_multiprocessing=False))

    return embed


def _network(path: Path, network: Path) -> Callable[[Sequence[str]], Vectors]:
    """Mean over the tokens of the last hidden state; a network that answers one vector a text is taken at its word."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    names = {one.name for one in session.get_inputs()}
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)

    def one(text: str) -> Any:  # alone: in a batch, padding would let a text's vector depend on its neighbours
        ids = tokenizer.encode(text).ids
        given = {"input_ids": [ids], "attention_mask": [[1] * len(ids)], "token_type_ids": [[0] * len(ids)]}
        found: Any = session.run(None, {name: np.array(value, np.int64) for name, value in given.items() if name in names})[0]
        return found[0].mean(axis=0) if found.ndim == 3 else found[0]

    return lambda texts: unit(np.stack([one(text) for text in texts]))


def unit(vectors: Any) -> Vectors:
    """The rows in unit length; zeros stay zeros."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors, dtype=np.float32), where=lengths > 0)
