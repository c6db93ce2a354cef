"""`goldworks new`: commented starting points for a scorer, suite, case or target of one's own, each with a test that passes."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from goldworks.errors import InputError
from goldworks.settings import PROJECT_ROOT, load_settings
from pipelines.shown_path import shown

TEMPLATES = Path(__file__).parent / "starting"
NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")


class What(Enum):
    """What can be begun."""

    SCORER = "scorer"
    SUITE = "suite"
    CASE = "case"
    TARGET = "target"


def new(
    what: Annotated[What, typer.Argument(help="What to begin.")],
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and _, such as polite_tone.")],
    root: Annotated[Path, typer.Option(help="Folder that holds `own/`; Python must find modules there.")] = PROJECT_ROOT,
) -> None:
    """Write a commented starting point and its test, which passes. Code of your own lies in `own/`; nothing is overwritten.

    Example: goldworks new scorer polite_tone
    """
    files = written_for(what, name, root, load_settings().expectations)
    there = [path for path in files if path.exists()]
    if there:
        raise InputError(f"{there[0]} exists", remedy="choose another name, or remove it first; nothing was written")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {shown(path)}")
    test = next(path for path in files if path.name.startswith("test_"))
    typer.echo(f"try it: pytest {shown(test)}")
    if what is What.SCORER:
        typer.echo(f'in a suite: {{metric: {name}, scorer: "own.scorers.{name}:{class_name(name)}", kpi: "..."}}')


def written_for(what: What, name: str, root: Path, expectations: Path) -> dict[Path, str]:
    """Path -> text of each file. Raises `InputError` for a name that cannot be one of a module."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be a name", remedy="small letters, digits and _, beginning with a letter, at most 48")
    own = root / "own" / f"{what.value}s"
    places = {
        What.SCORER: {"scorer.py": own / f"{name}.py"},
        What.SUITE: {"suite.yml": expectations / "suites" / f"{name}.yml"},
        What.CASE: {"case.yaml": own / f"{name}.yaml"},
        What.TARGET: {"target.py": own / f"{name}.py", "target.yml": expectations / "targets" / f"{name}.yml"},
    }[what]
    places[f"{what.value}_test.py"] = own / f"test_{name}.py"
    return {path: _filled(template, name) for template, path in places.items()}


def class_name(name: str) -> str:
    """`polite_tone` as `PoliteTone`."""
    return "".join(part.capitalize() for part in name.split("_"))


def _filled(template: str, name: str) -> str:
    from jinja2 import Environment, StrictUndefined

    # code and YAML, not HTML: the only value is a name that was checked
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    text = (TEMPLATES / f"{template}.j2").read_text(encoding="utf-8")
    return environment.from_string(text).render(name=name, class_name=class_name(name))
