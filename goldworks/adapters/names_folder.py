"""A folder with a model in ONNX form as people keep it: the network, `tokenizer.json`, and the configuration beside it.

What can be seen to be wrong is said when the folder is opened; network and tokenizer are loaded when they are needed. Nothing
is ever fetched. The network runs one text at a time on one thread: in a batch, padding and the activation scales of quantised
models would let a text's answer depend on its neighbours.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from goldworks.errors import PolicyError
from goldworks.redaction.policy import NameRules

_PACKAGES = ("onnxruntime", "tokenizers")
_LONGEST = 1_000_000
"""A longest input beyond this is how a tokenizer's configuration says that it knows none."""


class ModelFolder:
    """The files that the rules name."""

    def __init__(self, rules: NameRules) -> None:
        assert rules.path is not None
        missing = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
        if missing:
            raise PolicyError(
                f"names.engine: {rules.engine} needs {' and '.join(missing)}",
                remedy="install what models need: uv sync --extra models, or: pip install 'goldworks[models]'",
            )
        self.path = Path(rules.path)
        self.network_path = self.path / rules.file
        if not self.path.is_dir():
            raise PolicyError(f"names.path: {self.path} is no folder", remedy="name the folder that holds the model")
        if not self.network_path.is_file():
            found = sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*.onnx"))
            raise PolicyError(
                f"names.file: there is no {rules.file} in {self.path}",
                remedy=f"set names.file to one of: {', '.join(found)}" if found else "export the model to ONNX into that folder",
            )
        if not (self.path / "tokenizer.json").is_file():
            raise PolicyError(
                f"names.path: there is no tokenizer.json in {self.path}",
                remedy="save the model's fast tokenizer there: AutoTokenizer.from_pretrained(...).save_pretrained(folder)",
            )

    def config(self, name: str) -> dict[str, Any]:
        """A configuration file. Raises `PolicyError` when it is absent or no JSON object."""
        found = self._json(name)
        if found is None:
            raise PolicyError(f"names.path: there is no {name} in {self.path}", remedy="copy it there from the model")
        return found

    def longest(self, default: int) -> int:
        """The most tokens that the tokenizer's configuration allows, at most `default`."""
        stated = (self._json("tokenizer_config.json") or {}).get("model_max_length")
        return min(int(stated), default) if isinstance(stated, int | float) and 0 < stated < _LONGEST else default

    def _json(self, name: str) -> dict[str, Any] | None:
        path = self.path / name
        if not path.is_file():
            return None
        try:
            found = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise PolicyError(f"{path} is not a JSON object", remedy="copy it again from the model")
        return found

    def tokenizer(self) -> Any:
        """The tokenizer, told not to cut and not to pad."""
        from tokenizers import Tokenizer

        path = self.path / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare ones
            raise PolicyError(f"{path} cannot be read as a tokenizer: {error}", remedy="copy it again from the model") from None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def network(self, needed: frozenset[str], optional: frozenset[str] = frozenset()) -> Network:
        """The network. Raises `PolicyError` when its inputs are not `needed`, with any of `optional` beside them."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # every text has its own length
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(self.network_path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library has a class for each of its error codes
            first = str(error).partition("\n")[0]
            raise PolicyError(f"{self.network_path} cannot be loaded: {first}", remedy="export the model again") from None
        inputs = {one.name: one.type for one in session.get_inputs()}
        if needed - inputs.keys() or inputs.keys() - needed - optional:
            raise PolicyError(
                f"{self.network_path} takes {', '.join(inputs)}",
                remedy=f"a model is needed that takes {', '.join(sorted(needed))}: see docs/names.md",
            )
        return Network(session, inputs)


class Network:
    """A loaded network."""

    def __init__(self, session: Any, inputs: Mapping[str, str]) -> None:
        self._session, self._inputs = session, inputs
        outputs = [one.name for one in session.get_outputs()]
        self._output = "logits" if "logits" in outputs else outputs[0]

    def run(self, **values: Any) -> Any:
        """The logits for these inputs; what the network does not take is left out."""
        import numpy as np

        kinds = {"tensor(int32)": np.int32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}
        feed = {name: np.asarray(values[name], dtype=kinds[type_]) for name, type_ in self._inputs.items()}
        return self._session.run([self._output], feed)[0]
