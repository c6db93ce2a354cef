"""The store that harbor-orders works on: its products, its five tools with their JSON schemas, and what each tool gives back.

Every tool is a pure function of its arguments: stock, orders and their states follow from digests. So any conversation can be
taken up in the middle, and the same call gives the same result on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec

from goldworks.demo.people import make_person

TOOL_SCHEMA_VERSION = "tools-1"
MAX_QUANTITY = 20


class Product(msgspec.Struct, frozen=True):
    """Something to buy. `names` are how people call it, in lower case."""

    sku: str
    name: str
    price_usd: int
    names: tuple[str, ...]


PRODUCTS = (
    Product("KY-TERN12", "Tern 12 touring kayak", 899, ("tern 12 touring kayak", "tern 12 kayak", "tern 12")),
    Product("KY-PUFFIN", "Puffin inflatable kayak", 549, ("puffin inflatable kayak", "puffin kayak", "puffin")),
    Product("BT-HERON380", "Heron 380 dinghy", 2450, ("heron 380 dinghy", "heron 380")),
    Product("PD-SKUA", "Skua fibreglass paddle", 119, ("skua fibreglass paddle", "skua paddle")),
    Product("PD-SKUAPRO", "Skua Pro carbon paddle", 249, ("skua pro carbon paddle", "skua pro paddle", "skua pro")),
    Product("LJ-BUOY150", "Buoy 150 life jacket", 169, ("buoy 150 life jacket", "buoy 150")),
    Product("DS-FJORD", "Fjord drysuit", 690, ("fjord drysuit", "fjord")),
    Product("TN-COVE2", "Cove 2 tent", 279, ("cove 2 tent", "cove 2")),
    Product("TN-COVE4", "Cove 4 tent", 419, ("cove 4 tent", "cove 4")),
    Product("SB-EIDER", "Eider sleeping bag", 310, ("eider sleeping bag", "eider")),
    Product("SB-MOSS", "Moss sleeping bag", 129, ("moss sleeping bag",)),
    Product("ST-EMBER", "Ember stove", 64, ("ember stove", "ember camping stove")),
    Product("DB-20", "Dry bag 20 litres", 27, ("20 litre dry bag", "dry bag 20 litres")),
    Product("CS-OTTER", "Otter hard case", 58, ("otter hard case", "otter case")),
    Product("LM-BEACON", "Beacon head lamp", 48, ("beacon head lamp", "beacon lamp", "beacon")),
)
BY_SKU = {product.sku: product for product in PRODUCTS}


def _schema(required: tuple[str, ...], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_ORDER = {"type": "string", "pattern": "^HO-[0-9]{5}$", "description": "order number"}
_SKU = {"type": "string", "description": "stock keeping unit, from find_product"}

TOOLS: tuple[dict[str, Any], ...] = (
    {
        "name": "find_product",
        "description": "Find products by name.",
        "parameters": _schema(("query",), query={"type": "string", "description": "name or part of it"}),
    },
    {
        "name": "check_stock",
        "description": "How many pieces of a product are in stock.",
        "parameters": _schema(("sku",), sku=_SKU),
    },
    {
        "name": "place_order",
        "description": "Place an order. Needs the quantity and the address that the customer gave.",
        "parameters": _schema(
            ("sku", "quantity", "ship_to"),
            sku=_SKU,
            quantity={"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY},
            ship_to={"type": "string", "description": "postal address"},
            email={"type": "string", "description": "address for the confirmation"},
        ),
    },
    {
        "name": "track_order",
        "description": "State and carrier of an order.",
        "parameters": _schema(("order_id",), order_id=_ORDER),
    },
    {
        "name": "cancel_order",
        "description": "Cancel an order. Only after the customer has confirmed it.",
        "parameters": _schema(("order_id", "confirmed"), order_id=_ORDER, confirmed={"type": "boolean"}),
    },
)


def call_tool(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run a tool. A call that the schema forbids gives {"error": ...}, as the tools of a real shop do."""
    known = next((tool["parameters"] for tool in TOOLS if tool["name"] == name), None)
    if known is None:
        return {"error": f"no tool {name}"}
    missing = [key for key in known["required"] if key not in arguments]
    if missing:
        return {"error": f"missing argument: {', '.join(missing)}"}
    return _TOOLS[name](arguments)


def _find_product(arguments: Mapping[str, Any]) -> dict[str, Any]:
    query = str(arguments["query"]).lower()
    found = [p for p in PRODUCTS if any(query in name or name in query for name in (*p.names, p.name.lower()))]
    return {"products": [{"sku": p.sku, "name": p.name, "price_usd": p.price_usd} for p in found]}


def _check_stock(arguments: Mapping[str, Any]) -> dict[str, Any]:
    sku = str(arguments["sku"])
    if sku not in BY_SKU:
        return {"error": f"no product {sku}"}
    return {"sku": sku, "in_stock": stock(sku)}


def _place_order(arguments: Mapping[str, Any]) -> dict[str, Any]:
    product, quantity = BY_SKU.get(str(arguments["sku"])), arguments["quantity"]
    if product is None:
        return {"error": "no such product"}
    if not isinstance(quantity, int) or not 1 <= quantity <= MAX_QUANTITY:
        return {"error": f"quantity must be 1 to {MAX_QUANTITY}"}
    order_id = f"HO-{10000 + _number('order', product.sku, quantity, arguments['ship_to']) % 90000}"
    return {
        "order_id": order_id,
        "sku": product.sku,
        "quantity": quantity,
        "total_usd": product.price_usd * quantity,
        "ship_to": arguments["ship_to"],
    }


def _track_order(arguments: Mapping[str, Any]) -> dict[str, Any]:
    order_id = str(arguments["order_id"])
    person = make_person(Random(_number("customer", order_id)))  # noqa: S311 - invented data, no secret
    state = ("received", "being packed", "packed", "on its way")[_number("state", order_id) % 4]
    arrives_on = date(2026, 11, 16) + timedelta(days=_number("day", order_id) % 9)
    return {
        "order_id": order_id,
        "state": state,
        "carrier": ("Blue Gull Parcel", "Northway Freight")[_number("carrier", order_id) % 2],
        "arrives_on": arrives_on.isoformat(),
        "recipient": {"name": person.name, "phone": person.phone},
    }


def _cancel_order(arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments["confirmed"] is not True:
        return {"error": "not confirmed by the customer"}
    return {"order_id": arguments["order_id"], "state": "cancelled"}


_TOOLS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "find_product": _find_product,
    "check_stock": _check_stock,
    "place_order": _place_order,
    "track_order": _track_order,
    "cancel_order": _cancel_order,
}


def stock(sku: str) -> int:
    """Pieces in stock; a product may be sold out."""
    return max(0, _number("stock", sku) % 40 - 9)


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "big")
