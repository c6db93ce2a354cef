"""The check of a pull request in words: what it shows, what waits for the night, and that it is no verdict about a release."""

from __future__ import annotations

from goldworks.release.pull_request import LEFT_TO_THE_NIGHT
from goldworks.release.verdict import Status, Verdict
from goldworks.release.wording import share


def check_headline(verdict: Verdict) -> str:
    """In a few sentences, for who opened the pull request. Never that the release may go out."""
    assert verdict.smoke_margin is not None
    name = f"{verdict.use_case} {verdict.release}" + (f" against {verdict.baseline}" if verdict.baseline else "")
    failed, open_ = _named(verdict, "fail"), _named(verdict, "inconclusive")
    counted = [gate for gate in verdict.gates if gate.status != "not_applicable"]
    match verdict.status:
        case "fail":
            said = f"FAIL. {name} does not hold {len(failed)} of {len(counted)} gates: {', '.join(failed)}"
            now = "Mend it before it is merged."
        case "inconclusive":
            said = f"INCONCLUSIVE. {name} fails nothing, but is not cleared: {', '.join(open_) or 'nothing could be compared'}"
            now = "See below what would settle it."
        case _:
            margin = _points(verdict.smoke_margin)
            said = f"PASS. {name} is not shown to be worse; a loss of {margin} is ruled out where both were compared"
            now = "Whether it may be released is decided on the whole golden version."
    night = [gate.gate for gate in verdict.gates if gate.reason == LEFT_TO_THE_NIGHT]
    rest = f" Left to the nightly run: {', '.join(night)}." if night else ""
    return f"PULL REQUEST CHECK, {said}.{rest} {now} This is no verdict about a release."


def _named(verdict: Verdict, status: Status) -> list[str]:
    return [gate.gate for gate in verdict.gates if gate.status == status]


def _points(margin: float) -> str:
    return f"{share(margin).removesuffix(' %')} points"
