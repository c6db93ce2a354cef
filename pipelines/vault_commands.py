"""`goldworks vault`: reading one value behind a token, which is noted, and destroying them all."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from goldworks.errors import InputError
from goldworks.home import open_home
from pipelines.as_json import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="The values behind the tokens, where the policy keeps them encrypted.")


@app.command()
def read(
    conversation: Annotated[str, typer.Option(help="Conversation.")],
    token: Annotated[str, typer.Option(help="Token, in quotes: '<PERSON_1>'.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log: a ticket, no names.")],
    as_json: AsJson = False,
) -> None:
    """Show the value behind a token; the audit log notes who, which and why before it is shown.

    Example: goldworks vault read --conversation conv-17 --token '<PERSON_1>' --reason "ticket 2041"
    """
    from goldworks.access.vault import Vault
    from goldworks.forgetting.asking import safe_reason

    home = open_home()
    if not reason.strip():
        raise InputError("a reason is needed", remedy='--reason "ticket 2041"')
    why = safe_reason(reason, home.redactor, None)
    value = Vault(home.root).read(conversation, token)
    home.audit_log.append("vault.read", {"conversation_id": home.redactor.safe_id(conversation), "token": token, "reason": why})
    if as_json:
        print_json({"conversation_id": conversation, "token": token, "value": value})
    else:
        typer.echo(value)


@app.command()
def destroy(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy the vault's key and its values: nobody can read any of them again, in copies neither.

    Example: goldworks vault destroy. A key that lies elsewhere (GOLDWORKS_VAULT_KEY, a backup) must be destroyed there too.
    """
    from goldworks.access.vault import VARIABLE, Vault
    from goldworks.settings import secret

    home = open_home()
    vault = Vault(home.root)
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("nobody is there to confirm it", remedy="add --yes")
        if not typer.confirm(f"Destroy the {vault.count():,} values of the vault? It cannot be undone"):
            raise typer.Exit(1)
    count = vault.destroy()
    home.audit_log.append("vault.destroyed", {"entries": count})
    given = secret(VARIABLE) is not None
    if as_json:
        print_json({"destroyed": count, "key_is_elsewhere": given})
        return
    typer.echo(f"{count:,} values destroyed.")
    if given:
        typer.echo(f"The key is in {VARIABLE}: destroy it there, and every copy, or copies of the vault's file can be read.")
