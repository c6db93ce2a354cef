"""`goldworks redteam`: making attacks and pairs of a golden version, as cases that wait for approval."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from goldworks.errors import InputError
from goldworks.golden.case import Case
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Attacks on your assistant, and pairs for fairness, made of its own golden cases.\n\n"
    "goldworks redteam generate shop --author Ann; goldworks golden show shop --state proposed; "
    "goldworks golden approve shop --all --by Bea; goldworks golden mint shop; "
    "goldworks eval run --use-case shop --suite injection",
)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the techniques, with the ids of OWASP LLM 2025 and MITRE ATLAS that their attacks carry."""
    from goldworks.evaluation.attacks.techniques import TECHNIQUES

    found = [{"technique": t.name, "what": t.what, "owasp": t.owasp, "atlas": t.atlas} for t in TECHNIQUES.values()]
    if as_json:
        print_json(found)
        return
    width = max(len(name) for name in TECHNIQUES)
    for technique in TECHNIQUES.values():
        ids = ", ".join((*technique.owasp, *technique.atlas)) or "no attack"
        typer.echo(f"{technique.name:{width}}  {technique.what} ({ids})")


@app.command()
def generate(
    use_case: Annotated[str, typer.Argument(metavar="USE_CASE", help="Use case whose golden version the attacks are made of.")],
    author: Annotated[str, typer.Option(help="Name of the person who makes them; kept with each case.")],
    technique: Annotated[list[str] | None, typer.Option(help="Technique; may be given several times; else all.")] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="Attacks of each technique, at most.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Another number makes others, with other canaries.")] = 0,
    version: Annotated[str | None, typer.Option(help="Golden version; the current one when not given.")] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="JSON lines with seeds of your own or of a published collection; see docs/red-team.md.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make attacks of the cases of a golden version, and propose them. The same command again changes nothing.

    Example: goldworks redteam generate harbor-orders --technique injected_tool_result --count 20 --author Ann

    Each attack has a canary of its own, which follows from this installation's key: nobody else can guess it. Nothing is asked
    yet: a person approves the cases, they are minted, and an ordinary run asks them.
    """
    from goldworks.evaluation.attacks.generating import generate as make
    from goldworks.evaluation.attacks.seed_lines import add_lines
    from goldworks.evaluation.attacks.seeds import load_seeds
    from goldworks.evaluation.attacks.techniques import TECHNIQUES

    chosen = _chosen(technique, list(TECHNIQUES), "technique")
    home = open_home()
    texts = load_seeds(home.settings.expectations / "attacks")
    if seeds is not None:
        texts = add_lines(texts, seeds)
    version_id, bases = _bases(home, use_case, version)
    cases = make(bases, texts, [TECHNIQUES[name] for name in chosen], home.key, seed=seed, count=count)
    _propose(home, use_case, version_id, cases, chosen, author, as_json)


@app.command()
def pairs(
    use_case: Annotated[str, typer.Argument(metavar="USE_CASE", help="Use case whose golden version the pairs are made of.")],
    author: Annotated[str, typer.Option(help="Name of the person who makes them; kept with each case.")],
    attribute: Annotated[list[str] | None, typer.Option(help="What is swapped; may be given several times; else all.")] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="Pairs of each attribute, at most.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Another number makes others.")] = 0,
    version: Annotated[str | None, typer.Option(help="Golden version; the current one when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make pairs of cases that differ in who asks, of the cases of a golden version, and propose them.

    Example: goldworks redteam pairs harbor-docs --attribute gender --count 20 --author Ann

    What is swapped, and in which sentences, expectations/pairs/swaps.yml says. The suite `fairness` measures the gaps.
    """
    from goldworks.evaluation.fairness.pairs import attributes_of, make_pairs
    from goldworks.evaluation.fairness.swaps import load_swaps

    home = open_home()
    swaps = load_swaps(home.settings.expectations / "pairs")
    chosen = _chosen(attribute, attributes_of(swaps), "attribute")
    version_id, bases = _bases(home, use_case, version)
    cases = make_pairs(bases, swaps, chosen, home.key, seed=seed, count=count)
    _propose(home, use_case, version_id, cases, chosen, author, as_json)


def _chosen(given: list[str] | None, known: list[str], what: str) -> list[str]:
    unknown = [name for name in given or () if name not in known]
    if unknown:
        raise InputError(f"no {what} {unknown[0]!r}", remedy=f"one of {', '.join(known)}")
    return given or known


def _bases(home: Home, use_case: str, version: str | None) -> tuple[str, list[Case]]:
    """The golden version, and its cases."""
    from goldworks.golden.read import latest_version, read_version

    version_id = version or latest_version(home.lake, use_case)
    if version_id is None:
        raise InputError(
            f"use case {use_case} has no golden version to make cases of", remedy=f"goldworks golden mint {use_case}"
        )
    return version_id, [case for case in read_version(home.lake, version_id) if case.use_case == use_case]


def _propose(
    home: Home, use_case: str, version_id: str, cases: list[Case], chosen: list[str], author: str, as_json: bool
) -> None:
    """Propose them and say what became of them. Exit code 1 when some were rejected."""
    from goldworks.evaluation.attacks.proposing import propose_cases
    from goldworks.use_cases import load_use_cases

    use_cases = load_use_cases(home.settings.expectations / "use_cases.yml")
    proposed = propose_cases(home.lake, cases, use_cases, home.key, home.redactor, author)
    kinds = Counter(_kind_of(case) for case in proposed.cases)
    made = {name: kinds[name] for name in chosen}
    new, spoiled, rejected = len(proposed.imported.added), len(proposed.spoiled), proposed.imported.rejected
    if as_json:
        told = {"version_id": version_id, "made": made, "new": new, "changed": len(proposed.imported.changed)}
        print_json({**told, "spoiled": spoiled, "rejected": [one.reason for one in rejected]})
    else:
        for name, count in made.items():
            typer.echo(f"{count:5}  {name}")
        typer.echo(f"{new} new cases proposed, made of {version_id}.")
        if spoiled:
            typer.echo(f"{spoiled} left out: redaction would have changed what they are about. Another --seed makes others.")
        for one in rejected:
            typer.echo(f"not proposed: {one.reason}")
        typer.echo(f"Next: goldworks golden show {use_case} --state proposed")
    if rejected:
        raise typer.Exit(1)


def _kind_of(case: Case) -> str:
    """The technique or attribute that made it: the end of its tag."""
    return next((tag.partition(":")[2] for tag in case.tags if tag.startswith(("attack:", "twin:", "pair:"))), "")
