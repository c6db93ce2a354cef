"""pytest plugin: a file `<name>.goldworks.yml` is a run, each of its cases a test. Costs nothing in folders without such files.

The run is the one that `goldworks eval run` makes: the same journal, digests and rows, so that one cut short goes on, and one
that was made before is not made again. A score below its mark is a failure. An answer that did not come is an error of the test,
never a failure, and a case that nothing is measured of is skipped.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from goldworks.evaluation.case_tests import CaseTests, Verdict, Verdicts
    from goldworks.evaluation.result import RunResult
    from goldworks.home import Home
    from pipelines.eval_plan import Chosen

ENDINGS = (".goldworks.yml", ".goldworks.yaml")
LOOK_EVERY_SECONDS = 0.5
RUNS = pytest.StashKey[list["RunFile"]]()


class CaseFailed(Exception):
    """A case is below a mark."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take the files that are ours."""
    return RunFile.from_parent(parent, path=file_path) if file_path.name.endswith(ENDINGS) else None


class RunFile(pytest.File):
    """A run; it is made when the first of its tests begins."""

    _home: Home
    _tests: CaseTests
    _chosen: Chosen
    _made: Verdicts | Exception | None = None
    result: RunResult | None = None

    def collect(self) -> Iterable[pytest.Item]:
        """A test for each case of the golden version."""
        from goldworks.errors import GoldworksError
        from goldworks.evaluation.case_tests import CaseTests
        from goldworks.golden.read import require_version
        from goldworks.policies import load_policy

        try:
            with _as_before():
                self._tests = load_policy(self.path, CaseTests)
                self._choose(self._tests)
                require_version(self._home.lake, self._chosen.version_id)
                where = [("version_id", "=", self._chosen.version_id)]
                ids = sorted(row["case_id"] for row in self._home.lake.rows("golden.cases", ["case_id"], where))
        except GoldworksError as error:
            raise self.CollectError(str(error)) from None
        return [CaseItem.from_parent(self, name=case_id) for case_id in ids]

    def _choose(self, tests: CaseTests) -> None:
        from goldworks.home import open_home
        from pipelines.eval_plan import choose

        self._home = open_home()
        suite, target = (self._beside(name) for name in (tests.suite, tests.target))
        release, version = tests.release, tests.golden_version
        self._chosen = choose(self._home, tests.use_case, suite, target, version, release, None, tests.again)

    def _beside(self, name: str | None) -> str | None:
        return str(self.path.parent / name) if name is not None and name.endswith((".yml", ".yaml")) else name

    def verdict(self, case_id: str) -> Verdict:
        """The verdict on a case, the run made first if need be. What kept the run away is raised for each case."""
        if self._made is None:
            try:
                with _as_before():
                    self._made = self._run()
            except Exception as error:
                self._made = error
        if isinstance(self._made, Exception):
            raise self._made
        return self._made.of(case_id)

    def _run(self) -> Verdicts:
        from goldworks.errors import BusyError
        from goldworks.evaluation.budget import Budget
        from goldworks.evaluation.case_tests import Verdicts
        from goldworks.evaluation.prices import load_prices
        from goldworks.evaluation.run import run

        prices = load_prices(self._home.settings.expectations)
        wanted, tests = self._chosen, self._tests
        options: dict[str, Any] = {
            "occasion": wanted.occasion,
            "release": wanted.release,
            "seed": wanted.seed if tests.seed is None else tests.seed,
            "repeats": tests.repeats,
            "redactor": None if wanted.target.is_redacted else self._home.redactor,
        }
        while self.result is None:
            try:
                paying = Budget(prices=prices)
                self.result = run(self._home.lake, wanted.version_id, wanted.suite, wanted.target, **options, budget=paying)
            except BusyError:
                if "PYTEST_XDIST_WORKER" not in os.environ:
                    raise
                time.sleep(LOOK_EVERY_SECONDS)  # another worker makes it
        self.config.stash.setdefault(RUNS, []).append(self)
        return Verdicts(self._home.lake, self.result, tests.pass_at)

    def answers(self, case_id: str) -> Iterator[str]:
        """The question and the answers of a case, redacted, for people to read."""
        from goldworks.golden.case import case_of

        assert self.result is not None
        lake, run_id = self._home.lake, self.result.run_id
        [case] = lake.rows("golden.cases", where=[("version_id", "=", self._chosen.version_id), ("case_id", "=", case_id)])
        yield f"  asked:    {next((m.text for m in reversed(case_of(case).messages) if m.role == 'user'), None)}"
        where = [("run_id", "=", run_id), ("case_id", "=", case_id)]
        for row in sorted(lake.rows("evals.answers", where=where), key=lambda row: row["repeat"]):
            yield f"  answered: {row['text']}" + (f"  calls: {row['tool_calls']}" if row["tool_calls"] else "")


class CaseItem(pytest.Item):
    """One case."""

    parent: RunFile
    _verdict: Verdict

    def setup(self) -> None:
        """Make the run if need be. Raises for an answer that is missing, so that pytest reports an error and not a failure."""
        from goldworks.errors import GoldworksError

        try:
            verdict = self._verdict = self.parent.verdict(self.name)
        except GoldworksError as error:
            pytest.fail(str(error), pytrace=False)
        if self.parent.result is not None:
            self.user_properties.append(("goldworks_run_id", self.parent.result.run_id))
        self.user_properties.extend((f"goldworks_{metric}", value) for metric, value in verdict.measured.items())
        if not verdict.is_covered:
            pytest.skip("the target does not cover this case")
        if verdict.below:
            return
        if verdict.missing:
            missing = ", ".join(f"{metric}: {why}" for metric, why in verdict.missing.items())
            pytest.fail(f"no verdict, for something is missing: {missing}. The same command asks for it again.", pytrace=False)
        if not verdict.measured:
            pytest.skip("the case asks for no metric of the suite")

    def runtest(self) -> None:
        """Raise when the case is below a mark."""
        if self._verdict.below:
            raise CaseFailed

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is below its mark, with question and answer."""
        if isinstance(excinfo.value, CaseFailed):
            lines = [
                f"{one.metric}: {one.value:.3g}, must reach {one.least:.3g}" + (f" ({one.detail})" if one.detail else "")
                for one in self._verdict.below
            ]
            return "\n".join([*lines, *self.parent.answers(self.name)])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test stands, for reports."""
        return self.path, None, f"{self.path.name}::{self.name}"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """After the tests: each run with its estimates, for a share of passed cases alone says little."""
    if files := config.stash.get(RUNS, []):
        from goldworks.evaluation.report import in_words

        terminalreporter.section("goldworks")
        for file in files:
            assert file.result is not None
            row = file.result.row
            terminalreporter.line(
                f"{file.name}: run {file.result.run_id}, {row['status']}: {row['cases']} cases, {row['answers']} answers, "
                f"{row['missing']} missing"
            )
            for name, estimate in file.result.estimates.items():
                if name not in file.result.unmeasured:
                    terminalreporter.line(f"  {name}: {in_words(estimate)} over {estimate.n} cases")


@contextmanager
def _as_before() -> Generator[None]:
    """What opening the home sets for a process of ours does not reach the other tests: environment, rights of new files."""
    mask = os.umask(0o077)
    environment = dict(os.environ)
    try:
        yield
    finally:
        os.umask(mask)
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
