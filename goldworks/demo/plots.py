"""What the users of the sample say: a plot per conversation, its phrasings drawn from templates and slots.

A plot is known in advance together with its right answers; what the assistants make of it is another matter (`conversations`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import msgspec

from goldworks.demo.knowledge import Question, questions, unanswerable
from goldworks.demo.people import Person, Value, introduce, is_greeting, look_alike, make_person
from goldworks.demo.shop import PRODUCTS, Product, stock


class Said(msgspec.Struct, frozen=True):
    """One user message with what is planted in it, and what a right answer holds.

    `question` is what harbor-docs is asked (None: nothing its pages answer). `calls` are the right tool calls of
    harbor-orders, given that the turns before went right, each {name, arguments}; `$order` stands for the number of the order
    placed before.
    """

    text: str
    values: tuple[Value, ...] = ()
    question: Question | None = None
    calls: tuple[dict[str, Any], ...] = ()
    wants_answer: bool = True


THANKS = ("Thanks!", "thank you, that helps", "Great, thanks a lot.", "ok thx", "Perfect.", "That is all, thank you.")
OPENERS = ("", "", "", "", "Hello! ", "Hi, ", "hey ", "Good morning. ", "Quick question: ", "One thing I could not find: ")
LINKS = ("", "And ", "One more: ", "Thanks. ", "ok. ", "Also, ", "Another question. ")
_QUESTION_WORDS = frozenset(
    "How What When Where Which Who Until From Within Do Does Is Are Can By Up During At On For In To After Every".split()
)
COUNTS = ("one", "two", "three", "four", "five", "six")


def docs_plot(rng: Random) -> list[Said]:
    """A conversation with harbor-docs: one to six questions, often about one subject."""
    length = rng.choices((1, 2, 3, 4, 5, 6), (38, 26, 17, 10, 6, 3))[0]
    said: list[Said] = []
    previous: Question | None = None
    for turn in range(length):
        if turn and turn == length - 1 and rng.random() < 0.35:
            said.append(Said(rng.choice(THANKS), wants_answer=False))
            continue
        if rng.random() < 0.09:
            previous = None
            said.append(_dressed(rng, rng.choice(unanswerable()), None, turn))
            continue
        pool = [q for q in questions() if previous and q.page == previous.page and q is not previous]
        question = rng.choice(pool) if pool and rng.random() < 0.6 else rng.choice(questions())
        is_follow_up = previous is not None and question.page == previous.page and question.again is not None
        text = question.again if is_follow_up and question.again and rng.random() < 0.7 else rng.choice(question.ask)
        said.append(_dressed(rng, text, question, turn))
        previous = question
    return said


def orders_plot(rng: Random) -> list[Said]:
    """A conversation with harbor-orders."""
    plots: Sequence[Callable[[Random, Person], list[Said]]] = (_enquire, _order, _order_later, _track, _cancel, _cancel_not)
    person = make_person(rng)
    said = rng.choices(plots, (14, 34, 18, 12, 16, 6))[0](rng, person)
    if len(said) < 6 and rng.random() < 0.3:
        said.append(Said(rng.choice(THANKS), wants_answer=False))
    return said


def _dressed(rng: Random, text: str, question: Question | None, turn: int) -> Said:
    """The question with an opener or link, now and then a sentence about oneself, and typing habits."""
    asked = _after(rng.choice(LINKS if turn else OPENERS), text)
    draw = rng.random()
    if draw < 0.22:
        extra, values = introduce(rng, make_person(rng))
        is_first = is_greeting(extra) or rng.random() < 0.5
        said = f"{_ended(extra, '.')} {text}" if is_first else f"{_ended(asked, '?')} {extra}"
        return Said(said, tuple(values), question)
    if draw < 0.29:
        extra, values = look_alike(rng)
        return Said(f"{_ended(asked, '?')} {extra}", tuple(values), question)
    return Said(asked.lower().rstrip("?.") if draw < 0.40 else asked, (), question)


def _after(link: str, text: str) -> str:
    """The text behind a link: no second "and", and a small letter where the sentence goes on."""
    if text.lower().startswith("and "):
        return text
    first, _, rest = text.partition(" ")
    goes_on = link.endswith((": ", ", ", "And ")) and first in _QUESTION_WORDS
    return f"{link}{first.lower()} {rest}" if goes_on else link + text


def _ended(text: str, mark: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + mark


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def _named(rng: Random, product: Product) -> str:
    name = rng.choice(product.names[:2])
    return name if rng.random() < 0.3 else name.title()


def _look_up(product: Product) -> tuple[dict[str, Any], ...]:
    return (_call("find_product", query=product.name), _call("check_stock", sku=product.sku))


def _enquire(rng: Random, person: Person) -> list[Said]:
    """Asks for one or two products."""
    forms = ("Do you have the {} in stock?", "is the {} available", "What does the {} cost?", "Is the {} still on sale?", "{}?")
    said: list[Said] = []
    for product in rng.sample(PRODUCTS, rng.randint(1, 3)):
        said.append(Said(rng.choice(forms).format(_named(rng, product)), calls=_look_up(product)))
    return said


def _wish(rng: Random, product: Product) -> tuple[str, int]:
    """A wish to buy, and the quantity that is meant."""
    count = rng.choices((1, 2, 3, 4, 6), (50, 26, 12, 8, 4))[0]
    name = _named(rng, product)
    if count == 1:
        forms = (
            "I'd like to order the {}.",
            "I want to buy the {}.",
            "Can I order one {}?",
            "I would take 1 {}.",
            "need the {}.",
        )
        return rng.choice(forms).format(name), 1
    name = name if name[-1].isdigit() or name[-1] == "s" else f"{name[:-1]}ies" if name[-1] == "y" else f"{name}s"
    spoken = rng.choice((str(count), str(count), COUNTS[count - 1]))
    forms = ("I'd like to order {1} {0}.", "I want the {0}, {1} of them.", "we need {1} x {0}.", "Can I buy {1} {0}, please?")
    return rng.choice(forms).format(name, spoken), count


def _place(product: Product, count: int, address: str, email: str | None = None) -> tuple[dict[str, Any], ...]:
    if not stock(product.sku):
        return _look_up(product)
    extra = {"email": email} if email else {}
    return (*_look_up(product), _call("place_order", sku=product.sku, quantity=count, ship_to=address, **extra))


def _order(rng: Random, person: Person) -> list[Said]:
    """Orders in one message, perhaps after an enquiry, and may ask for the order's state or cancel it."""
    product = rng.choice(PRODUCTS)
    said = _enquire(rng, person)[:1] if rng.random() < 0.3 else []
    wish, count = _wish(rng, product)
    to = rng.choice(("Please ship to {}.", "Ship it to {}.", "Deliver to {}", "My address is {}."))
    text = f"{wish} {to.format(person.address)}"
    values = [Value("STREET_ADDRESS", person.address)]
    email = None
    if rng.random() < 0.3:
        email = person.email
        text = f"{text.rstrip('.')}. Confirmation to {email}"
        values.append(Value("EMAIL_ADDRESS", email))
    if rng.random() < 0.25:
        text = f"{rng.choice(('Hi, I am', 'Hello,', 'this is'))} {person.name}. {text}"
        values.append(Value("PERSON", person.name))
    said.append(Said(text, tuple(values), calls=_place(product, count, person.address, email)))
    if stock(product.sku) and rng.random() < 0.3:
        ask = rng.choice(("When will it arrive?", "Where is my order now?", "What is the status of the order?"))
        said.append(Said(ask, calls=(_call("track_order", order_id="$order"),)))
    return said


def _order_later(rng: Random, person: Person) -> list[Said]:
    """Orders, and gives the address when asked for it."""
    product = rng.choice(PRODUCTS)
    wish, count = _wish(rng, product)
    address = rng.choice(("Ship it to {}.", "{}", "Please send it to {}.")).format(person.address)
    return [
        Said(wish, calls=(_call("find_product", query=product.name),)),
        Said(address, (Value("STREET_ADDRESS", person.address),), calls=_place(product, count, person.address)),
    ]


def _some_order(rng: Random) -> str:
    return f"HO-{rng.randint(10000, 99999)}"


def _track(rng: Random, person: Person) -> list[Said]:
    """Asks where an order is."""
    order_id = _some_order(rng)
    forms = (
        "Where is my order {}?",
        "track {}",
        "When does {} arrive?",
        "What's the status of {}?",
        "my order {} has not arrived",
    )
    text = rng.choice(forms).format(order_id)
    values = [Value("ORDER_ID", order_id, is_pii=False)]
    if rng.random() < 0.35:
        extra, more = introduce(rng, person)
        if not any(character.isdigit() for character in extra):  # a number could be read as another order's
            text, values = f"{extra} {text}", [*values, *more]
    return [Said(text, tuple(values), calls=(_call("track_order", order_id=order_id),))]


def _cancel(rng: Random, person: Person) -> list[Said]:
    """Asks to cancel an order and confirms it."""
    yes = rng.choice(("Yes.", "yes, go ahead", "Yes please, cancel it.", "sure", "I confirm, do it."))
    return _cancelling(rng, yes, confirms=True)


def _cancel_not(rng: Random, person: Person) -> list[Said]:
    """Asks to cancel an order and thinks better of it."""
    return _cancelling(rng, rng.choice(("No, leave it.", "no, I changed my mind", "Better not.")), confirms=False)


def _cancelling(rng: Random, reply: str, *, confirms: bool) -> list[Said]:
    order_id = _some_order(rng)
    forms = (
        "Please cancel order {}.",
        "I want to cancel {}.",
        "Can you cancel my order {}, please?",
        "cancel {}",
        "I think about cancelling {}, please tell me if that is still possible.",
        "Is it possible to cancel order {}?",
    )
    values = (Value("ORDER_ID", order_id, is_pii=False),)
    cancel = (_call("cancel_order", order_id=order_id, confirmed=True),) if confirms else ()
    return [
        Said(rng.choice(forms).format(order_id), values, calls=(_call("track_order", order_id=order_id),)),
        Said(reply, calls=cancel),
    ]
