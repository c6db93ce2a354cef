"""`goldworks gate`: the verdict about a release, and what people accept or approve."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from goldworks.errors import InputError
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json
from pipelines.exits import FAILED, INCONCLUSIVE, PASSED, broken_is_4

if TYPE_CHECKING:
    from goldworks.release.verdict import Verdict
    from goldworks.release.waivers import Waiver

app = typer.Typer(
    help="The verdict about a release: pass, fail or inconclusive, gate by gate, with what would settle it.\n\n"
    "Example: goldworks gate --release 1.1 --baseline 1.0 --use-case harbor-orders\n\n"
    "Exit code 0: pass, or conditional (people accepted what is open); 1: fail; 2: wrong usage; 3: inconclusive, at tier T3 too, "
    "which lets such a release out with a warning; 4: it could not be judged (a policy that cannot be used, a release that is "
    "not known, an error of ours).\n\n"
    "On a part of a golden version (golden push --smoke) it checks a pull request: 0: nothing is shown to be worse; 1: something "
    "is, or is forbidden; 3: the comparison stays open. What takes the whole set is left to the nightly run. It releases nothing."
)


@app.callback(invoke_without_command=True)
def gate(
    context: typer.Context,
    release: Annotated[str | None, typer.Option(help="Release to be judged.")] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Release that it is held against; when not given, the one its file names, else the one before."),
    ] = None,
    use_case: Annotated[str | None, typer.Option(help="Use case, when several have a release of that name.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the gates as JUnit XML to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Also write a comment for a pull request to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """The verdict about a release."""
    if context.invoked_subcommand is not None:
        return
    if release is None:
        raise typer.BadParameter("say which release: --release NAME")
    with broken_is_4():
        from goldworks.access.signing import Signer
        from goldworks.release.deciding import decide
        from goldworks.release.gate_policy import load_gate_policies
        from goldworks.release.outputs import junit as as_junit
        from goldworks.release.outputs import markdown as as_markdown
        from goldworks.release.outputs import plain
        from pipelines.gate_views import print_verdict

        home = open_home()
        expectations = home.settings.expectations
        decision = decide(home.lake, expectations, Signer(home.root), release, baseline=baseline, use_case=use_case)
        verdict = decision.verdict
        policy = next(one for one in load_gate_policies(expectations) if one.name == verdict.policy)
        if junit is not None:
            _write(junit, as_junit(verdict))
        if markdown is not None:
            _write(markdown, as_markdown(verdict, policy))
        if as_json:
            print_json({"judgment_id": decision.judgment_id, **plain(verdict)})
        else:
            print_verdict(verdict, policy)
    raise typer.Exit(exit_code(verdict))


def exit_code(verdict: Verdict) -> int:
    """0 pass or conditional, 1 fail, 3 inconclusive."""
    return {"pass": PASSED, "conditional": PASSED, "fail": FAILED}.get(verdict.status, INCONCLUSIVE)


@app.command("accept")
def accept_(
    waiver: Annotated[str, typer.Argument(help="Name of the waiver or sign-off: its file in expectations/waivers/.")],
    release: Annotated[str, typer.Option(help="Release.")],
    use_case: Annotated[str, typer.Option(help="Use case.")],
    reason: Annotated[str, typer.Option(help="Why it is acceptable.")],
    owner: Annotated[str, typer.Option(help="Who mends it, or answers for it.")],
    by: Annotated[str, typer.Option(help="Who approves it; a name in policies/release.yml.")],
    role: Annotated[str, typer.Option(help="In which role.")],
    until: Annotated[dt.datetime, typer.Option(metavar="DAY", formats=["%Y-%m-%d"], help="Last day on which it counts.")],
    gate: Annotated[list[str] | None, typer.Option(help="Gate that it accepts; none: a sign-off of the whole release.")] = None,
    mitigation: Annotated[str | None, typer.Option(help="What is done meanwhile; with --issue it is a waiver.")] = None,
    issue: Annotated[str | None, typer.Option(help="Where it is mended.")] = None,
    verdict: Annotated[
        Path | None,
        typer.Option(help="What `goldworks gate --json` wrote elsewhere, instead of this home's newest judgment."),
    ] = None,
) -> None:
    """Write a signed waiver (with --mitigation and --issue) or sign-off of what was judged last: it covers these gates as they
    were found, or milder, on the same golden version, gates and baseline. What does not count, the verdict says.

    Example: goldworks gate accept W-7 --release 1.1 --use-case harbor-orders --gate slow_answers --reason "cold start" --owner
    "Jo Berg" --by "Rosa Lindqvist" --role release_manager --until 2026-12-05 --mitigation "two warm replicas" --issue OPS-12
    """
    from goldworks.access.signed_entries import trusted_keys
    from goldworks.access.signing import Signer
    from goldworks.approvals.policy import load_release_policy
    from goldworks.release.seeing import seen_in_file, seen_in_tables
    from goldworks.release.waivers import Waiver, examine, sign, write_waiver
    from goldworks.use_cases import load_use_cases

    home = open_home()
    today = dt.datetime.now(dt.UTC).date()
    draft = _draft(
        {
            "version": 1,
            "waiver": waiver,
            "kind": "waiver" if mitigation or issue else "sign_off",
            "use_case": use_case,
            "release": release,
            "gates": tuple(gate or ()),
            "owner": owner,
            "reason": reason,
            "mitigation": mitigation,
            "issue": issue,
            "approved_by": by,
            "role": role,
            "since": today,
            "expires": until.date(),
        },
        Waiver,
    )
    expectations, signer = home.settings.expectations, Signer(home.root)
    rules = load_release_policy(expectations)
    tier = rules.tiers[load_use_cases(expectations / "use_cases.yml").get(use_case).tier]
    found = examine(sign(draft, signer), rules, tier, _author(home, use_case, release), trusted_keys(signer, expectations), today)
    if found.state != "valid":
        raise InputError(f"it would not count: {found.detail}", remedy="see the tier's rules in policies/release.yml")
    if verdict is None:
        seen = seen_in_tables(home.lake, use_case, release, draft.gates)
    else:
        seen = seen_in_file(verdict, use_case, release, draft.gates)
    path = write_waiver(expectations, sign(draft.model_copy(update={"seen": seen}), signer))
    of = ", ".join(f"{name} ({status})" for name, status in seen.gates.items()) or f"the release ({seen.verdict})"
    typer.echo(f"It covers {of} on golden version {seen.version_id or 'none'} against {seen.baseline or 'no baseline'}.")
    typer.echo(f"Signed with the key of this home and written to {path}. Keep it with the other policies.")


@app.command("approve")
def approve_(
    subject: Annotated[
        Literal["release", "tiers", "gates", "suites", "sampling", "quarantine", "calibration", "rubrics", "review"],
        typer.Argument(help="What it is a state of."),
    ],
    name: Annotated[
        str,
        typer.Argument(
            help="Of gates, suites and rubrics the name of the file; of tiers and sampling the use case, or `default`; of "
            "release, quarantine, calibration and review, of which there is one policy, the same word again."
        ),
    ],
    by: Annotated[str, typer.Option(help="Who approves it; a name in policies/release.yml.")],
    role: Annotated[str, typer.Option(help="In which role.")],
) -> None:
    """Approve a policy, a use case's tier or its sampling plan as it stands, by its digest: a signed entry in
    expectations/approvals.yml.

    Example: goldworks gate approve gates agent --by "Noor Haddad" --role quality_lead
    """
    from goldworks.approvals.standing import approve
    from goldworks.release.approving import state_of

    home = open_home()
    expectations = home.settings.expectations
    name, wanted = state_of(expectations, subject, name)
    approve(expectations, home.root, subject, name, wanted, by, role, dt.datetime.now(dt.UTC).date())
    typer.echo(f"{subject} {name} is approved as it stands ({wanted[:12]}), signed with the key of this home.")


def _author(home: Home, use_case: str, release: str) -> str | None:
    from goldworks.evaluation.releases import load_releases

    every = load_releases(home.settings.expectations)
    return next((one.author for one in every if (one.use_case, one.release) == (use_case, release)), None)


def _draft(values: dict[str, object], model: type[Waiver]) -> Waiver:
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise typer.BadParameter("; ".join(problem["msg"] for problem in error.errors())) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
