"""`goldworks vault`: reading one value behind a token, which is noted, and destroying them all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from goldworks.errors import InputError
from goldworks.home import Home, open_home
from pipelines.as_json import AsJson, print_json

if TYPE_CHECKING:
    from goldworks.access.vault import Vault

MOST_SHOWN = 10
app = typer.Typer(no_args_is_help=True, help="The values behind the tokens, where the policy keeps them encrypted.")


@app.command()
def read(
    conversation: Annotated[str, typer.Option(help="Conversation.")],
    token: Annotated[str, typer.Option(help="Token, in quotes: '<PERSON_1>'.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log: a ticket, no names.")],
    as_json: AsJson = False,
) -> None:
    """Show the value behind a token; the audit log notes who, which and why before it is shown.

    Only values of what was taken while `vault: on` stood in expectations/policies/keys.yml are there; as shipped it is off.

    Example: goldworks vault read --conversation conv-17 --token '<PERSON_1>' --reason "ticket 2041"
    """
    from goldworks.access.vault import Vault
    from goldworks.forgetting.asking import safe_reason

    home = open_home()
    if not reason.strip():
        raise InputError("a reason is needed", remedy='--reason "ticket 2041"')
    why = safe_reason(reason, home.redactor, None)
    vault = Vault(home.root)
    if not vault.has(conversation, token):
        raise _absent(home, vault, conversation, token)
    value = vault.read(conversation, token)
    home.audit_log.append("vault.read", {"conversation_id": home.redactor.safe_id(conversation), "token": token, "reason": why})
    if as_json:
        print_json({"conversation_id": conversation, "token": token, "value": value})
    else:
        typer.echo(value)


def _absent(home: Home, vault: Vault, conversation: str, token: str) -> InputError:
    """Why there is no such value: no vault, no such conversation or token, taken while the vault was off, or erased."""
    from goldworks.access.key_policy import load_key_policy

    is_on = load_key_policy(home.settings.expectations).vault
    turn_on = "write `vault: on` into expectations/policies/keys.yml; the values of what is taken from then on are kept"
    if not is_on and not vault.count():
        return InputError("the vault is off and holds nothing", remedy=turn_on)
    of_conversation = [("conversation_id", "=", conversation)]
    if not home.lake.read("logs.turns", ["conversation_id"], of_conversation).num_rows:
        sql = 'goldworks sql "select conversation_id from fct_conversations" lists them'
        return InputError(f"there is no conversation {conversation}", remedy=sql)
    tokens = sorted(set(home.lake.read("logs.entities", ["token"], of_conversation).column(0).to_pylist()))
    if token not in tokens:
        shown = f"{', '.join(tokens[:MOST_SHOWN])}{', ...' if len(tokens) > MOST_SHOWN else ''}"
        there = f"its tokens: {shown}" if tokens else "nothing was redacted in it"
        return InputError(f"conversation {conversation} has no token {token}", remedy=f"{there}; quote it: '<PERSON_1>'")
    return InputError(
        f"the vault, which is {'on' if is_on else 'off'} now, has no value of {token} of conversation {conversation}: "
        "it was taken while the vault was off, or the value was erased",
        remedy="look the conversation up in your own logs" if is_on else turn_on,
    )


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
