"""From what a person asks to have erased to an order, and what carrying it out would remove."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from goldworks.errors import InputError
from goldworks.forgetting.holders import Foresees
from goldworks.forgetting.searching import scope_of, search
from goldworks.forgetting.texts import Redacts
from goldworks.forgetting.values import Sought
from goldworks.lake import Lake
from goldworks.orders import Counts, Order, Orders, Scope, new_order
from goldworks.redaction.records import Document, Field


def order_conversations(lake: Lake, ids: Sequence[str], policy_version: str, reason: str | None) -> Order:
    """The erasure of whole conversations; an open one of the same is gone on with. Raises `InputError` for unknown ids."""
    order = new_order("conversation", ids, policy_version, reason=reason)
    waiting = Orders(lake.home).find(order.order_id)
    if waiting is not None:
        return waiting
    unknown = sorted(set(ids) - _known(lake, ids))
    if unknown:
        raise InputError(
            f"no conversation {', '.join(unknown[:5])}{' ...' if len(unknown) > 5 else ''}",
            remedy='goldworks sql "select conversation_id from fct_conversations" lists them; nothing was changed',
        )
    return msgspec.structs.replace(order, scope=Scope(conversations=order.subjects))


def order_user(lake: Lake, user_hash: str, policy_version: str, reason: str | None, also: Collection[str] = ()) -> Order:
    """The erasure of every conversation in which a user took part; `also` are hashes of the same user under earlier keys, which
    stand in the tables where a rotation cut joins. Raises `InputError` for an unknown user.
    """
    order = new_order("user", [user_hash], policy_version, reason=reason)
    waiting = Orders(lake.home).find(order.order_id)
    if waiting is not None:
        return waiting
    rows = lake.read("logs.turns", ["conversation_id"], [("user_hash", "in", [user_hash, *also])])
    conversations = tuple(sorted(set(rows.column(0).to_pylist())))
    if not conversations:
        raise InputError(
            f"no conversation of a user {user_hash}",
            remedy="the column user_hash of fct_conversations holds their hashes; an id is compared as the logs write it, "
            "letter by letter; nothing was changed",
        )
    return msgspec.structs.replace(order, scope=Scope(conversations=conversations))


def order_value(lake: Lake, sought: Sought, policy_version: str, reason: str | None) -> Order:
    """The erasure of a value wherever it stands. Its scope may be empty: then it is only kept from coming in again."""
    order = new_order("value", [sought.value_hash], policy_version, reason=reason)
    waiting = Orders(lake.home).find(order.order_id)
    if waiting is not None:
        return waiting
    return msgspec.structs.replace(order, scope=scope_of(lake, search(lake, sought), sought))


def preview(order: Order, holders: Iterable[object]) -> dict[str, Counts]:
    """What carrying out a located order would count, by place. Places that are only made anew when others have forgotten (pages,
    marts) are not looked at.
    """
    return {holder.place: holder.foresee(order) for holder in holders if isinstance(holder, Foresees)}


def safe_reason(reason: str | None, redactor: Redacts, sought: Sought | None) -> str | None:
    """The reason as it may be kept. Raises `InputError` when it holds the value, or cannot be redacted."""
    if not reason:
        return None
    if sought is not None and sought.stands_in(reason):
        raise InputError("the reason holds the value that is to be erased", remedy="name a ticket, not the value")
    field = redactor.redact([Document("reason", (Field("reason", "user", "text", reason),))])[0].fields[0]
    return str(field.value)


def _known(lake: Lake, ids: Collection[str]) -> set[str]:
    where = [("conversation_id", "in", sorted(set(ids)))]
    tables = ("logs.turns", "logs.messages", "logs.conversations", "golden.candidates", "golden.cases", "evals.answers")
    return {one for key in tables for one in lake.read(key, ["conversation_id"], where).column(0).to_pylist()}
