"""Models so small that what they answer can be seen: made in the test, saved as a folder as people keep theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<<ENT>>", "<<SEP>>", "person"]
SURE = 9.0


def word_pieces(pieces: Sequence[str]) -> Tokenizer:
    """A tokenizer of the BERT kind: what is not in `pieces` is [UNK]; `##n` continues a word."""
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys([*SPECIAL, *pieces]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<<ENT>>", "<<SEP>>"])
    return tokenizer


def token_classifier(
    folder: Path, labels: Sequence[str], scores: Mapping[str, Mapping[str, float]], *, positions: int = 512, **config: Any
) -> Path:
    """Each token has the logits that `scores` gives it by label; what has none is sure to be the first label."""
    tokenizer = word_pieces(list(scores))
    table = np.zeros((tokenizer.get_vocab_size(), len(labels)), np.float32)
    table[:, 0] = SURE
    for piece, given in scores.items():
        row = table[tokenizer.token_to_id(piece)]
        row[:] = 0
        for label, score in given.items():
            row[labels.index(label)] = score
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "tokens"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", len(labels)])
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["logits"])]
    graph = helper.make_graph(nodes, "tiny", [ids, mask], [logits], [numpy_helper.from_array(table, "table")])
    settings = {"id2label": {str(number): label for number, label in enumerate(labels)}, "max_position_embeddings": positions}
    return _saved(folder, graph, tokenizer, "config.json", settings | config)


def gliner(folder: Path, names: Sequence[str], *, width: int = 4, longest: int = 384, **config: Any) -> Path:
    """A span's logit is the sum of its words': 3 for a name, -20 for any other. So the longest run of names is the surest."""
    tokenizer = word_pieces(names)
    worth = np.full(tokenizer.get_vocab_size(), -20, np.float32)
    for name in names:
        worth[tokenizer.token_to_id(name)] = 3

    def whole(name: str, *shape: str | int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.INT64, shape)

    inputs = [
        whole("input_ids", 1, "tokens"), whole("attention_mask", 1, "tokens"), whole("words_mask", 1, "tokens"),
        whole("text_lengths", 1, 1), whole("span_idx", 1, "spans", 2),
        helper.make_tensor_value_info("span_mask", TensorProto.BOOL, [1, "spans"]),
    ]  # fmt: skip
    constants = {
        "worth": worth, "off_on": np.array([0, 1], np.float32), "zero": np.array([0], np.int64), "one": np.array([1], np.int64),
        "two": np.array([2], np.int64), "axis": np.array(0, np.int64), "flat": np.array([-1], np.int64),
        "shape": np.array([1, -1, width, 1], np.int64),
    }  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["worth", "input_ids"], ["values"]),
        helper.make_node("Reshape", ["text_lengths", "flat"], ["length"]),
        helper.make_node("Add", ["length", "one"], ["depth"]),
        helper.make_node("OneHot", ["words_mask", "depth", "off_on"], ["places"], axis=-1),
        helper.make_node("MatMul", ["values", "places"], ["row"]),  # [1, 1, words + 1]: values is [1, tokens]
        helper.make_node("Reshape", ["row", "flat"], ["by_word"]),
        helper.make_node("CumSum", ["by_word", "axis"], ["sums"]),
        helper.make_node("Gather", ["by_word", "zero"], ["prompt"]),
        helper.make_node("Sub", ["sums", "prompt"], ["until"]),  # of the words before and with each
        helper.make_node("Slice", ["span_idx", "zero", "one", "two"], ["starts"]),
        helper.make_node("Slice", ["span_idx", "one", "two", "two"], ["ends"]),
        helper.make_node("Add", ["ends", "one"], ["ends_next"]),
        helper.make_node("Min", ["ends_next", "length"], ["last"]),
        helper.make_node("Gather", ["until", "starts"], ["low"]),
        helper.make_node("Gather", ["until", "last"], ["high"]),
        helper.make_node("Sub", ["high", "low"], ["spans"]),
        helper.make_node("Reshape", ["spans", "shape"], ["logits"]),
    ]  # fmt: skip
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "words", width, 1])
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, [logits], kept)
    settings = {"max_width": width, "max_len": longest, "span_mode": "markerV0", "words_splitter_type": "whitespace"}
    return _saved(folder, graph, tokenizer, "gliner_config.json", settings | config)


def _saved(folder: Path, graph: Any, tokenizer: Tokenizer, config_name: str, config: Mapping[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / config_name).write_text(json.dumps(config), encoding="utf-8")
    return folder


def sentence_encoder(folder: Path, vectors: Mapping[str, Sequence[float]]) -> Path:
    """A network whose last hidden state is each token's own vector; special and unknown tokens have zeros."""
    tokenizer = word_pieces(list(vectors))
    table = _vectors(tokenizer, vectors)
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    hidden = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", table.shape[1]])
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    graph = helper.make_graph(nodes, "tiny", [ids], [hidden], [numpy_helper.from_array(table, "table")])
    return _saved(folder, graph, tokenizer, "config.json", {})


def static_embeddings(folder: Path, vectors: Mapping[str, Sequence[float]]) -> Path:
    """A model2vec model: each word has its vector."""
    from model2vec import StaticModel

    tokenizer = word_pieces(list(vectors))
    StaticModel(_vectors(tokenizer, vectors), tokenizer, config={}).save_pretrained(folder)
    return folder


def _vectors(tokenizer: Tokenizer, vectors: Mapping[str, Sequence[float]]) -> Any:
    table = np.zeros((tokenizer.get_vocab_size(), len(next(iter(vectors.values())))), np.float32)
    for piece, vector in vectors.items():
        table[tokenizer.token_to_id(piece)] = vector
    return table
