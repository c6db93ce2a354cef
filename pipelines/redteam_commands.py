"""`goldworks redteam`: making attacks of a golden version, as cases that wait for approval."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from goldworks.errors import InputError
from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Attacks on your assistant, made of its own golden cases.\n\n"
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
    from goldworks.evaluation.attacks.proposing import propose_attacks
    from goldworks.evaluation.attacks.seed_lines import add_lines
    from goldworks.evaluation.attacks.seeds import load_seeds
    from goldworks.evaluation.attacks.techniques import TECHNIQUES
    from goldworks.golden.read import latest_version, read_version
    from goldworks.use_cases import load_use_cases

    unknown = [name for name in technique or () if name not in TECHNIQUES]
    if unknown:
        raise InputError(f"no technique {unknown[0]!r}", remedy=f"one of {', '.join(TECHNIQUES)}")
    home = open_home()
    expectations = home.settings.expectations
    version_id = version or latest_version(home.lake, use_case)
    if version_id is None:
        raise InputError(
            f"use case {use_case} has no golden version to make attacks of", remedy=f"goldworks golden mint {use_case}"
        )
    texts = load_seeds(expectations / "attacks")
    if seeds is not None:
        texts = add_lines(texts, seeds)
    bases = [case for case in read_version(home.lake, version_id) if case.use_case == use_case]
    chosen = [TECHNIQUES[name] for name in technique or TECHNIQUES]
    cases = make(bases, texts, chosen, home.key, seed=seed, count=count)
    use_cases = load_use_cases(expectations / "use_cases.yml")
    proposed = propose_attacks(home.lake, cases, use_cases, home.key, home.redactor, author)
    made = Counter(case.case_id.rpartition("-")[0].partition("-")[2].replace("-", "_") for case in proposed.cases)
    new = len(proposed.imported.added)
    if as_json:
        rejected = [{"line": one.line, "reason": one.reason} for one in proposed.imported.rejected]
        print_json(
            {
                "version_id": version_id,
                "made": {kind.name: made[kind.name] for kind in chosen},
                "new": new,
                "changed": len(proposed.imported.changed),
                "spoiled": len(proposed.spoiled),
                "rejected": rejected,
            }
        )
    else:
        for kind in chosen:
            typer.echo(f"{made[kind.name]:5}  {kind.name}")
        typer.echo(f"{new} new cases proposed, made of {version_id}.")
        if proposed.spoiled:
            typer.echo(
                f"{len(proposed.spoiled)} left out: redaction takes their canary for personal data. Another --seed makes others."
            )
        for one in proposed.imported.rejected:
            typer.echo(f"not proposed: {one.reason}")
        typer.echo(
            f"Next: goldworks golden show {use_case} --state proposed; goldworks golden approve {use_case} --all --by NAME"
        )
    if proposed.imported.rejected:
        raise typer.Exit(1)
