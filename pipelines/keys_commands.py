"""`goldworks keys`: which keys this home has, and rotating them."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="The keys of this home: what there is, and rotating them.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Which keys there are, never what they are. Example: goldworks keys show"""
    from goldworks.access.key_policy import load_key_policy

    home = open_home()
    policy = load_key_policy(home.settings.expectations)
    found: dict[str, Any] = {
        "identity generation": home.ring.generation,
        "generations kept": home.ring.generations,
        "joins across rotation": policy.joins_across_rotation,
        "signing key": home.signer.key_id,
        "public half": str(home.signer.public_file),
        "retired signing keys": len(home.signer.public_keys()) - 1,
        "vault": "on" if policy.vault else "off",
    }
    _say(found, as_json)


@app.command()
def rotate(
    identity: Annotated[bool, typer.Option("--identity", help="Keys of hashes of values, users, sessions (default).")] = False,
    signing: Annotated[bool, typer.Option("--signing", help="The key that certificates and audits are signed with.")] = False,
    vault: Annotated[bool, typer.Option("--vault", help="The key of the vault: all of it is encrypted anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rotate keys; interrupted, the same command finishes it. Example: goldworks keys rotate --identity

    Joins through identity hashes go on or are cut, as `joins_across_rotation` in expectations/policies/keys.yml says. Ids of
    messages, cases and lines are made with GOLDWORKS_KEY itself and stay: if that leaked, take the logs into a new home with a
    new key and erase this one. What an old signing key signed stays valid. With GOLDWORKS_SIGNING_KEY or GOLDWORKS_VAULT_KEY
    set, set the new key there first; for the vault, the old one in GOLDWORKS_VAULT_KEY_OLD.
    """
    from goldworks.locks import alone

    home = open_home()
    done: dict[str, Any] = {}
    with alone(home.root / "line.lock", f"`goldworks run` or `demo` is going on in {home.root}"):
        if identity or not (signing or vault):
            done |= _rotate_identity(home)
        if signing:
            old = home.signer.public_file.exists() and home.signer.present_key_id()
            done["signing key"] = home.signer.rotate()
            home.audit_log.append("keys.rotated_signing", {"retired": old or None, "key_id": done["signing key"]})
        if vault:
            from goldworks.access.vault import Vault

            done["vault entries"] = Vault(home.root).rotate()
            home.audit_log.append("keys.rotated_vault", {"entries": done["vault entries"]})
    _say(done, as_json)


def _rotate_identity(home: Home) -> dict[str, Any]:
    from assets.resources import DBT_PROJECT
    from goldworks.access.key_policy import load_key_policy
    from goldworks.access.key_ring import read_ring
    from goldworks.access.rotation import rotate as rotate_identity
    from goldworks.adapters.warehouse import Warehouse
    from goldworks.suppression import Suppressions

    joins = load_key_policy(home.settings.expectations).joins_across_rotation
    kept_out = Suppressions(home.root, read_ring(home.root, home.key))
    rotated = rotate_identity(home.lake, home.key, joins, home.audit_log, kept_out.generations(), kept_out.value_hashes())
    if home.marts.exists():  # they hold hashes of users
        house = Warehouse(home.root, DBT_PROJECT, home.settings.expectations)
        house.build()
        house.publish()
    return {
        "joins": rotated.joins,
        "identity generation": rotated.generation,
        "generations kept": list(rotated.generations),
        "hashes made anew": rotated.hashes,
        "joins lost in": list(rotated.cut_places),
    }


def _say(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({name.replace(" ", "_"): value for name, value in found.items()})
        return
    for name, value in found.items():
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        Console().print(f"{name}: [bold]{shown}[/]", soft_wrap=True)
