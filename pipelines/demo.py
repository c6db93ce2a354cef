"""`goldworks demo`: the sample company's logs, the whole line on them, and a small real model under test.

Each stage finds out by itself whether it is done, so a demo that was stopped goes on, and a second one does nothing twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path

from goldworks.demo.generate import write_logs
from goldworks.demo.reviewing import AUTHOR, REVIEWER, review
from goldworks.demo.truth import Truth, read_truth
from goldworks.errors import GoldworksError, InputError
from goldworks.golden.read import latest_version
from goldworks.home import Home
from goldworks.lake import Lake
from goldworks.release.verdict import Verdict
from pipelines.demo_halves import OURS, cores, other_half
from pipelines.demo_report import Assistant, gather, show
from pipelines.in_process import execute
from pipelines.line import due, home_is_current, mark_current
from pipelines.stages import Progress, Stages

DOCS = Assistant("harbor-docs", ("rag", "instructions", "safety"), ("d1", "d2"), ("harbor-docs-d1", "harbor-docs-d2"))
DOCS_RECORDED = Assistant("harbor-docs", ("rag",), ("d1", "d2"), ("recorded", "recorded"))
MAIL = Assistant("harbor-mail", ("injection",), ("m1", "m2"), ("harbor-mail-1.0", "harbor-mail-1.1"))
ORDERS = Assistant("harbor-orders", ("agent",), ("1.0", "1.1"), ("harbor-orders-1.0", "harbor-orders-1.1"))
INTAKE = [*(("logs", name) for name in ("arrivals", "quarantine", "turns", "messages", "entities", "conversations"))]
CANDIDATES = ("golden", "candidates")


def run_demo(home: Home, as_json: bool, recorded: bool = False) -> None:
    """The command `demo`. `recorded`: the documents assistant's answers come from the logs, not from the model."""
    stages = Stages()
    notes: list[str] = []
    assistants = (DOCS_RECORDED if recorded or not has_model(notes) else DOCS, MAIL, ORDERS)
    folder = _sample(home, stages)
    _take(home, folder, stages)
    _golden(home, folder, assistants, stages)
    for assistant in assistants:
        _evaluate(home, assistant, stages)
    verdicts = _judge(home, assistants, stages)
    _marts(home, stages)
    facts = gather(home, assistants, stages.seconds, is_new=bool(stages.seconds), notes=notes, verdicts=verdicts)
    facts["where"]["evidence"] = _evidence(home, assistants[-1])
    show(facts, as_json)


def has_model(notes: list[str]) -> bool:
    """Whether the sample's model can be served here; if not, `notes` gets the reason and what is done instead."""
    from goldworks.demo.model import weights

    try:
        weights()
    except GoldworksError as error:
        notes.append(f"{error} Evaluated instead: the answers found in the logs.")
        return False
    return True


def _sample(home: Home, stages: Stages) -> Path:
    """The sample's logs, remembered as the home's logs. Raises `InputError` when the home holds others."""
    folder = home.root / "demo" / "logs"
    noted = home.logs()
    if noted is not None and noted != str(folder.resolve()):
        raise InputError(
            f"{home.root} holds the logs of {noted}, and a home keeps to one log folder",
            remedy="give the demo a home of its own: GOLDWORKS_HOME=.goldworks-demo goldworks demo",
        )
    if not folder.parent.exists():
        with stages.stage("sample logs"):
            draft = home.root / "demo.new"
            shutil.rmtree(draft, ignore_errors=True)
            write_logs(draft / "logs")
            draft.rename(folder.parent)
    home.remember_logs(str(folder))
    return folder


def _take(home: Home, folder: Path, stages: Stages) -> None:
    days = due(home, str(folder)).due
    if days:
        with stages.stage("intake"):
            execute(home, days, stages.console, only=[*INTAKE, CANDIDATES])
    elif not home.lake.read("golden.candidates", ["case_id"]).num_rows:
        with stages.stage("intake"):
            execute(home, [], stages.console, only=[INTAKE[-1], CANDIDATES])


def _golden(home: Home, folder: Path, assistants: Sequence[Assistant], stages: Stages) -> None:
    """Golden sets of the assistants that have none, with the outcomes that the known truth gives."""
    todo = [one.use_case for one in assistants if latest_version(home.lake, one.use_case) is None]
    if todo:
        with stages.stage("golden sets"):
            make_golden_sets(home, todo, read_truth(folder.parent / "truth"))


def make_golden_sets(home: Home, use_cases: Sequence[str], truth: Truth) -> None:
    """Import expected outcomes for the proposed cases and the cases that people wrote, with attacks made of those of the mail
    agent; approve these, mint. What a person does with `goldworks golden` and `goldworks redteam`.
    """
    from goldworks.demo.authored import attacks, written
    from goldworks.golden.authoring import import_cases
    from goldworks.golden.case import case_of
    from goldworks.golden.mint import mint
    from goldworks.golden.reviewing import approve
    from goldworks.golden.yaml_form import write_yaml
    from goldworks.use_cases import load_use_cases

    lake, known = home.lake, load_use_cases(home.settings.expectations / "use_cases.yml")
    for use_case in use_cases:
        rows = lake.rows("golden.candidates", where=[("use_case", "=", use_case)])
        entries = [*review([case_of(row) for row in rows], truth), *written(use_case)]
        done = import_cases(lake, write_yaml(entries), "yaml", known, home.key, home.redactor, AUTHOR)
        if done.rejected:
            raise GoldworksError(f"{len(done.rejected)} cases of the sample were refused: {done.rejected[0].reason}")
        made = attacks(home, use_case, known, AUTHOR)
        approve(lake, use_case, REVIEWER, [*(entry["case_id"] for entry in entries), *(case.case_id for case in made)])
        mint(lake, known.get(use_case), home.key)


def _evaluate(home: Home, assistant: Assistant, stages: Stages) -> None:
    """Runs of both releases; the model is served only while it is asked, twice where there are two cores."""
    from goldworks.demo.model import serve_model

    pairs = zip(assistant.releases, assistant.targets, strict=True)
    left = [(*pair, suite) for pair in pairs for suite in assistant.suites if not _is_done(home.lake, assistant, *pair, suite)]
    if not left:
        return
    with stages.stage(f"evaluation of {assistant.use_case}"), ExitStack() as served:
        many = min(2, cores()) if assistant == DOCS else 0
        addresses = [served.enter_context(serve_model()) for _ in range(many)]
        for release, target, suite in left:  # suites of one release score the same answers
            with stages.progress(f"asking {assistant.use_case} {release}, {suite}") as progress:
                _run(home, assistant, release, target, suite, addresses, progress)


def _is_done(lake: Lake, assistant: Assistant, release: str, target: str, suite: str) -> bool:
    row = assistant.run_of(lake, release, target, suite)
    return row is not None and row["status"] == "complete" and row["mlflow_run_id"] is not None


def _run(
    home: Home, assistant: Assistant, release: str, target: str, suite: str, addresses: Sequence[str], progress: Progress
) -> None:
    from goldworks.adapters.tracking import MlflowTracking
    from goldworks.evaluation.plan import load_evaluation_policy
    from goldworks.evaluation.prices import load_prices
    from goldworks.evaluation.publishing import publish
    from goldworks.evaluation.run import run, run_part
    from goldworks.evaluation.suites import load_suite
    from goldworks.evaluation.targets import load_target

    expectations = home.settings.expectations
    version_id = latest_version(home.lake, assistant.use_case)
    assert version_id is not None
    address = addresses[0] if addresses else None
    asked = load_target(expectations / "targets" / f"{target}.yml", release, address, load_prices(expectations))
    what = (home.lake, version_id, load_suite(expectations / "suites" / f"{suite}.yml"), asked)
    occasion = f"release:{release}"  # as the nightly evaluation says it, which so finds the run done
    seed, redactor = load_evaluation_policy(expectations).seed, home.redactor
    if len(addresses) > 1 and suite == assistant.suites[0]:
        words = {"use-case": assistant.use_case, "release": release, "target": target, "suite": suite, "version": version_id}
        arguments = [text for name, value in words.items() for text in (f"--{name}", value)]
        with other_half(arguments, addresses[1]):
            run_part(*what, OURS, occasion=occasion, seed=seed, redactor=redactor, progress=progress)
    result = run(*what, occasion=occasion, release=release, seed=seed, redactor=redactor, progress=progress)
    publish(home.lake, result, MlflowTracking(home.root, home.settings.expectations))


def _judge(home: Home, assistants: Sequence[Assistant], stages: Stages) -> list[Verdict]:
    """The newer release of each assistant against the older, by its gates. Judged again, it is the same judgment."""
    from goldworks.access.signing import Signer
    from goldworks.release.deciding import decide

    known = {(row["use_case"], row["release"]) for row in home.lake.rows("release.candidates", ["use_case", "release"])}
    is_new = any((one.use_case, one.releases[1]) not in known for one in assistants)
    with stages.stage("verdicts") if is_new else nullcontext():
        signer, expectations = Signer(home.root), home.settings.expectations
        return [
            decide(home.lake, expectations, signer, one.releases[1], baseline=one.releases[0], use_case=one.use_case).verdict
            for one in assistants
        ]


def _marts(home: Home, stages: Stages) -> None:
    if not home_is_current(home):
        with stages.stage("marts"):
            execute(home, [], stages.console)
            mark_current(home)


def _evidence(home: Home, assistant: Assistant) -> str:
    """Path of the pack about the newer release; the same judgment gives the same bytes."""
    from pipelines.evidence_commands import write

    older, newer = assistant.releases
    return str(write(home, newer, assistant.use_case, older)[0])
