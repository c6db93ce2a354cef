"""The order agent harbor-orders: a small program of intent rules over the tools of `shop`, in two releases.

Release 1.0 has two flaws, mended in 1.1:
- it takes the first number of the message as the quantity, also the one in a product's name ("Tern 12"), and knows no number
  words: then it leaves the required argument out;
- it takes a "please" for the customer's confirmation and cancels at once.

Messages are dictionaries {role, text, tool_calls, tool_result}; the history is all the memory there is. Redacted tokens such
as <STREET_ADDRESS_1> are read like the values they stand for, so that redacted cases can be answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from goldworks.demo.shop import PRODUCTS, Product
from goldworks.demo.store import Store
from goldworks.evaluation.answers import Call, Outcome, Question, Reply

RELEASES = ("1.0", "1.1")
SYSTEM = "You take orders for Harbor Outfitters. Use the tools. Cancel only what the customer has confirmed."

ASK_ADDRESS = "Gladly. Where should we ship it?"
ASK_CONFIRM = "Shall I cancel it? Please answer yes or no."
FAILED = "Something went wrong with your order. Please try again later."
_ORDER_ID = re.compile(r"\bHO-\d{5}\b")
_SHIP_TO = re.compile(
    r"(?:(?:ship|send|deliver)(?:ed)?(?: it| them| that)? to|(?:my |our )?address(?: is|:)|goes to)\s+"
    r"(?P<to>.+?)(?=[.;!?](?:\s|$)|\n|$)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"<EMAIL_ADDRESS_\d+>|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_YES = re.compile(r"\b(?:yes|yep|sure|confirm(?:ed)?|go ahead|do it)\b", re.IGNORECASE)
_BUY = re.compile(r"\b(?:order|buy|take|purchase|get me|send me|need|want)\b", re.IGNORECASE)
_COUNT_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "a pair of": 2, "a dozen": 12,
}  # fmt: skip
_COUNT = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_COUNT_WORDS)})\b", re.IGNORECASE)


class Done(msgspec.Struct, frozen=True):
    """What the agent did in one turn: its tool calls with their results in order, and what it said."""

    calls: tuple[tuple[Call, dict[str, Any]], ...]
    text: str


def answer_v1_0(question: Question) -> Reply:
    """Release 1.0 as a target of evaluation runs."""
    return _reply(question, "1.0")


def answer_v1_1(question: Question) -> Reply:
    """Release 1.1 as a target of evaluation runs."""
    return _reply(question, "1.1")


def _reply(question: Question, release: str) -> Reply:
    store = Store.after(question.messages)
    before = store.state
    done = act(question.messages, release, store)
    calls = tuple(Call(call.name, call.arguments, result) for call, result in done.calls)
    outcome = Outcome(state=store.state, state_before=before)
    return Reply(text=done.text, tool_calls=calls, cost_usd=0.0, outcome=outcome)  # a program on this machine


def act(messages: Sequence[Mapping[str, Any]], release: str, store: Store | None = None) -> Done:
    """Answer the last user message of `messages`; what stands after it (calls of a recorded turn) is ignored.

    `store` is what the tools work on: a new one, unless one is given.
    """
    last = max(i for i, message in enumerate(messages) if message["role"] == "user")
    return _Turn(messages[: last + 1], release, store or Store()).run()


class _Turn:
    """One turn in the making."""

    def __init__(self, messages: Sequence[Mapping[str, Any]], release: str, store: Store) -> None:
        self._release = release
        self._store = store
        self._said = [m.get("text") or "" for m in messages if m["role"] == "user"]
        self._asked = next((m.get("text") or "" for m in reversed(messages) if m["role"] == "assistant" and m.get("text")), "")
        self._history = messages
        self._calls: list[tuple[Call, dict[str, Any]]] = []

    @property
    def _text(self) -> str:
        return self._said[-1]

    def run(self) -> Done:
        return Done(text=self._act(), calls=tuple(self._calls))

    def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = self._store.call(tool, arguments)
        self._calls.append((Call(tool, arguments), result))
        return result

    def _act(self) -> str:
        order_id = self._order_id()
        lower = self._text.lower()
        if self._asked.endswith(ASK_CONFIRM) and order_id:
            return self._cancel(order_id) if _YES.search(self._text) else f"All right, order {order_id} stays as it is."
        if self._asked == ASK_ADDRESS and (wanted := self._product_before()):
            address = self._address() or self._text.strip()
            return self._place(wanted[0], wanted[1], address)
        if "cancel" in lower and order_id:
            if self._release == "1.0" and "please" in lower:
                return self._cancel(order_id)
            return f"{self._track(order_id)} {ASK_CONFIRM}"
        product = product_in(self._text)
        if product is None and order_id and re.search(r"where|track|status|arriv|when|order", lower):
            return self._track(order_id)
        if product is not None and _BUY.search(self._text):
            address = self._address() or next((found for text in reversed(self._said[:-1]) if (found := address_in(text))), None)
            return self._place(product, self._text, address) if address else self._offer_address(product)
        if product is not None:
            return self._describe(product)
        return "You are welcome. I can look for products, place, track and cancel orders."

    def _offer_address(self, product: Product) -> str:
        self._call("find_product", query=product.name)
        return ASK_ADDRESS

    def _describe(self, product: Product) -> str:
        self._call("find_product", query=product.name)
        count = self._call("check_stock", sku=product.sku)["in_stock"]
        state = f"we have {count} in stock" if count else "it is sold out at the moment"
        return f"The {product.name} costs ${product.price_usd:,} and {state}."

    def _place(self, product: Product, wanted: str, address: str) -> str:
        self._call("find_product", query=product.name)
        if not self._call("check_stock", sku=product.sku)["in_stock"]:
            return f"I am sorry, the {product.name} is sold out at the moment."
        arguments: dict[str, Any] = {"sku": product.sku, "ship_to": address}
        count = careless_quantity(wanted) if self._release == "1.0" else quantity_in(wanted)
        if count is not None:
            arguments["quantity"] = count
        if email := _EMAIL.search(self._text):
            arguments["email"] = email.group()
        result = self._call("place_order", **arguments)
        if "error" in result:
            return FAILED
        what = f"{result['quantity']} x {product.name} for ${result['total_usd']:,}"
        return f"Done: {what}. Your order number is {result['order_id']}."

    def _track(self, order_id: str) -> str:
        found = self._call("track_order", order_id=order_id)
        return f"Order {order_id} is {found['state']}; {found['carrier']} should deliver it on {found['arrives_on']}."

    def _cancel(self, order_id: str) -> str:
        self._call("cancel_order", order_id=order_id, confirmed=True)
        return f"Order {order_id} is cancelled. The money is on its way back to you."

    def _order_id(self) -> str | None:
        """The order of the message, else the last one spoken of."""
        for message in reversed(self._history):
            if found := _ORDER_ID.findall(message.get("text") or ""):
                return found[-1]
        return None

    def _address(self) -> str | None:
        return address_in(self._text)

    def _product_before(self) -> tuple[Product, str] | None:
        """The product ordered in an earlier message, and that message."""
        return next(((product, text) for text in reversed(self._said[:-1]) if (product := product_in(text))), None)


def product_in(text: str) -> Product | None:
    """The product that a message names."""
    lower = text.lower()
    return next((product for product in PRODUCTS if any(name in lower for name in product.names)), None)


def address_in(text: str) -> str | None:
    """The address that a message gives after words such as "ship to"."""
    found = _SHIP_TO.search(text)
    return found["to"].strip() if found else None


def quantity_in(text: str) -> int:
    """How many pieces a message orders: a number or number word outside the product's name and the address; 1 without one."""
    rest = _without_address(text).lower()
    product = product_in(text)
    for name in product.names if product else ():
        rest = rest.replace(name, " ")
    return _first_count(_ORDER_ID.sub(" ", rest)) or 1


def careless_quantity(text: str) -> int | None:
    """As release 1.0 reads it: the first digits of the message, whatever they belong to."""
    found = re.search(r"\d+", _without_address(text))
    return int(found.group()) if found else None


def _first_count(text: str) -> int | None:
    found = _COUNT.search(text)
    if found is None:
        return None
    return int(found[1]) if found[1].isdecimal() else _COUNT_WORDS[found[1].lower()]


def _without_address(text: str) -> str:
    return _EMAIL.sub(" ", _SHIP_TO.sub(" ", text))
