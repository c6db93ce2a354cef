"""`goldworks golden`: proposing, reviewing, minting and comparing golden sets. Cases in files are in `golden_files`, what is
printed in `golden_views`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from goldworks.errors import InputError
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.golden_files import State, edit_, export_, import_

app = typer.Typer(
    no_args_is_help=True,
    help="Golden sets: the cases that releases are measured by.\n\n"
    "A case is proposed from the logs (propose) or written (import, edit), approved or retired by a person, and becomes part of "
    "an immutable version (mint). A use case with `approval: policy` in expectations/use_cases.yml has its candidates approved "
    "when they are proposed, as long as they are complete and show no known failure.\n\n"
    "From new logs to a version: goldworks golden propose; goldworks golden show shop; "
    "goldworks golden approve shop --all --by Ann; goldworks golden mint shop",
)

UseCaseName = Annotated[str, typer.Argument(metavar="USE_CASE", help="Use case.")]
By = Annotated[str, typer.Option(help="Name of the person who looked at them.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the use cases with their candidates by state, and the versions minted of each, the current one last."""
    from goldworks.golden.read import versions
    from pipelines.golden_views import print_list, states_of

    home = open_home()
    states = states_of(home.lake, _use_cases(home))
    minted = versions(home.lake)
    if as_json:
        print_json({"use_cases": states, "versions": minted})
    else:
        print_list(states, minted)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Use case (its candidates), version, unique beginning of one, or case.")],
    state: Annotated[State | None, typer.Option(help="Only candidates in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the candidates of a use case, the cases of a version, or one case in full.

    Example: goldworks golden show shop --state proposed
    """
    from goldworks.golden.case import case_of, plain
    from goldworks.golden.find import find
    from pipelines.golden_views import print_case, print_cases

    home = open_home()
    found = find(home.lake, name, state)
    if as_json:
        review = ("state", "reviewed_by", "reviewed_at", "authored_by", "stratum", "proposed_at")
        print_json([{**plain(case_of(row)), **{key: row[key] for key in review if key in row}} for row in found.rows])
    elif found.kind == "case":
        print_case(found.rows[0])
    else:
        print_cases(found)


@app.command("diff")
def diff_(
    a: Annotated[str, typer.Argument(help="Version, unique beginning of one, or use case (its current version).")],
    b: Annotated[str, typer.Argument(help="The same, for the version that is held against it.")],
    as_json: AsJson = False,
) -> None:
    """Say which cases were added, removed and changed from version A to version B.

    Example: goldworks golden diff shop-3f2a shop
    """
    from goldworks.golden.diff import diff
    from pipelines.golden_views import print_diff

    found = diff(open_home().lake, a, b)
    if as_json:
        print_json(asdict(found))
    else:
        print_diff(found)


@app.command("propose")
def propose_(as_json: AsJson = False) -> None:
    """Draw candidates from the logs by each use case's plan. What people decided about earlier ones stays."""
    from goldworks.golden.candidates import propose
    from pipelines.golden_views import print_list, states_of

    home = open_home()
    new = propose(home.lake, _use_cases(home), home.key)
    if as_json:
        print_json(new)
        return
    typer.echo(f"{sum(new.values())} new candidates.")
    print_list(states_of(home.lake, _use_cases(home)), [])


@app.command("approve")
def approve_(
    use_case: UseCaseName,
    by: By,
    case: Annotated[list[str] | None, typer.Option(help="Case to approve; may be given several times.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Approve every proposed case.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve cases, so that they are part of the next version.

    Example: goldworks golden approve shop --case case-49e049c044c3c41e --by Ann
    """
    from goldworks.golden.reviewing import approve

    if bool(case) == all_:
        raise typer.BadParameter("give either --case, as often as needed, or --all")
    _say_count(approve(open_home().lake, use_case, by, case or None), "approved", use_case, as_json)


@app.command("retire")
def retire_(
    use_case: UseCaseName,
    case: Annotated[list[str], typer.Option(help="Case to retire; may be given several times.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Retire cases: they are part of no version minted from now on, and neither they nor their like are proposed again.

    Example: goldworks golden retire shop --case case-49e049c044c3c41e --by Ann
    """
    from goldworks.golden.reviewing import retire

    _say_count(retire(open_home().lake, use_case, by, case), "retired", use_case, as_json)


@app.command("mint")
def mint_(use_case: UseCaseName, as_json: AsJson = False) -> None:
    """Mint the approved cases into an immutable version; the same cases give the same version. Then look for leaks in it.

    Example: goldworks golden mint shop

    Exit code 0: minted, nothing found; 1: nothing is approved, or personal data is recognised in the version.
    """
    from goldworks.golden.leaks import leak_check
    from goldworks.golden.mint import mint
    from pipelines.golden_views import print_leaks

    home = open_home()
    minted = mint(home.lake, _use_cases(home).get(_known(home, use_case)), home.key)
    leaks = leak_check(home.lake, minted.version_id, home.redactor)
    if as_json:
        print_json({**asdict(minted), "leaks": [{f: getattr(leak, f) for f in leak.__struct_fields__} for leak in leaks]})
    else:
        was = "minted" if minted.is_new else "is the same as before"
        typer.echo(f"{minted.version_id} {was}: {minted.cases} cases.")
        print_leaks(leaks)
    if leaks:
        raise typer.Exit(1)


app.command("import")(import_)
app.command("export")(export_)
app.command("edit")(edit_)


def _say_count(count: int, what: str, use_case: str, as_json: bool) -> None:
    if as_json:
        print_json({what: count})
    else:
        typer.echo(f"{count} {'case' if count == 1 else 'cases'} {what}. Next: goldworks golden mint {use_case}")


def _use_cases(home: Home) -> Any:
    from goldworks.use_cases import load_use_cases

    return load_use_cases(home.settings.expectations / "use_cases.yml")


def _known(home: Home, use_case: str) -> str:
    from pipelines.golden_views import states_of

    names = [row["use_case"] for row in states_of(home.lake, _use_cases(home))]
    if use_case not in names:
        raise InputError(f"no use case {use_case!r}", remedy=f"there are: {', '.join(names) or 'none yet'}")
    return use_case
