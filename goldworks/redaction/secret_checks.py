"""Checks of secrets: what stands where a secret would and is none: placeholders, code, files, ordinary words."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

from goldworks.redaction.rules import Judged, value_of
from goldworks.redaction.vendors import PREFIXED

PLACEHOLDER = re.compile(
    r"(?i)^(?:x{3,}|\*{3,}|\.{3,}|#{3,}|(?:your|my|the|some|an?|insert|enter|put)[_\- .]|<|\$(?:[{(]|\w)|\{|\[|%\(|%\w+%|"
    r"(?:example|sample|changeme|"
    r"placeholder|redacted|null|none|nil|true|false|undefined|required|optional|string|str|username|password|passwd|pass|"
    r"secret|token|user|"
    r"email|test|foo|bar|yyy|var|local|data)(?:$|[\W_])|process\.env|os\.|env\.|self\.|this\.|req\.|config\.|settings\.|get[_(])"
)
_DOLLAR = re.compile(r"\$\w{1,60}[!#%^*~]{1,4}\w[^\s$]{0,60}")
"""A password that begins like a shell's variable: no reference has such a sign inside it."""
_CODE = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+\W?|[\w.\-/\\]+\.(?:pem|cer|crt|p12|pfx|key|jks|png|jpe?g|txt|json|ya?ml|"
    r"com|net|org|io)(?:[:/].*)?|"
    r"https?://.*|\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?|[A-Z]+(?:[_\-][A-Z0-9]+)+|"
    r"[a-z]+(?:[_\-][a-z0-9]+)*_[a-z0-9]+|.*\.\.\.?(?:\[.*)?"
)
"""No secrets though they stand where one would: attribute chains, files, addresses, UUIDs, constants, what was cut short."""
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_KEY_NAME = re.compile(r"(?:\w{0,20}(?:api|access|auth)[_-]?key|\w{0,20}token)\b")
_OTHER_KEY = re.compile("|".join(PREFIXED))
_PUBLIC = re.compile(r"(?i)public[\w\-]{0,12}$")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|ico|webp|css|js|woff2?|html?|map)\b")
_WORDS = re.compile(r"\D*[A-Z][a-z]{4,}[A-Z][a-z]{4,}\D*")
"""Words put together, as names in programs are."""
_REPEATS = re.compile(r"(.)\1{5,}")
_STOP_WORDS = frozenset(
    "not the a an is was too very wrong right correct incorrect invalid valid expired required needed missing strong weak secure "
    "safe ok okay fine good bad same different still now here there it this that these those my your his her our their to "
    "for of in "
    "on at by with and or but if so as be been being do does did done have has had can could will would should may might must "
    "protected encrypted hashed stored saved sent reset changed updated forgotten lost set empty blank unknown none something "
    "nothing everything what which who how when where why working accepted rejected locked compromised only used always never "
    "case between about at least longer shorter minimum maximum made called known going usually stolen hacked visible hidden "
    "important necessary enough available broken leaked public private secret password both just no yes all also being".split()
)


def is_placeholder(value: str) -> bool:
    """Whether the value only says where one belongs: "your_password", "xxxx", "${DB_PASS}"."""
    return PLACEHOLDER.match(value) is not None and _DOLLAR.fullmatch(value) is None


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


def token(match: re.Match[str]) -> float | Judged:
    """A vendor's key: anything but a row of x or an example cut short. What a line break cut off is part of it."""
    start, end = match.span("key")
    value = match["key"]
    if _REPEATS.search(value) or value.endswith("EXAMPLE") or match.string[end : end + 3] == "...":
        return 0.0
    if _WORDS.fullmatch(value) or _FILE.match(match.string, end):
        return 0.0
    is_random = any(map(str.isdigit, value)) or (not value.islower() and entropy(value) >= 2.8)
    if not is_random or entropy(value) < 2.5:
        return 0.0
    return Judged(1.0, start, match.end("more") if is_rest(match["more"] or "") else end)


def is_rest(more: str) -> bool:
    """Whether a line that follows a key looks like its end: neither a word, nor code, nor another key."""
    is_mixed = any(map(str.isdigit, more)) and any(map(str.isalpha, more))
    return is_mixed and entropy(more) >= 2.7 and not _OTHER_KEY.match(more) and _CODE.fullmatch(more) is None


def assigned(match: re.Match[str]) -> float | Judged:
    """A value after `token=` and the like: letters and digits mixed, not a word, not a placeholder."""
    start, end = value_of(match)
    value = match.string[start:end]
    if PLACEHOLDER.match(value) or _REPEATS.search(value) or match.string[end : end + 1] == "(":
        return 0.0
    if match.string[match.start() - 1 : match.start()] in ("?", "&"):  # in a URL the next parameter is another value
        value = value.partition("&")[0]
    value = value.rstrip(".,;:!?)]}\\")
    end = start + len(value)
    name = match.string[match.start() : start].lower()
    if (
        "public" in name
        or _PUBLIC.search(match.string, max(0, match.start() - 30), match.start())
        or (_CODE.fullmatch(value) and not _KEY_NAME.match(name) and not (_UUID.fullmatch(value) and "authorization" in name))
    ):
        return 0.0
    is_mixed = any(ch.isdigit() for ch in value) and any(ch.isalpha() for ch in value)
    if len(value) >= 10 and is_mixed and entropy(value) >= 3.0:
        return Judged(1.0, start, end)
    if len(value) >= 16 and entropy(value) >= 3.5 and not re.fullmatch(r"[a-z]+(?:[_\-. /][a-z]+)*", value):
        return Judged(0.8, start, end)
    return 0.0


def password(match: re.Match[str]) -> float:
    """A value after `password=`: nearly anything is one."""
    start, end = value_of(match)
    value = match.string[start:end]
    if is_placeholder(value) or len(set(value)) < 2 or match.string[end : end + 1] == "(":
        return 0.0
    if value.lower() in _STOP_WORDS:
        return 0.0
    return 1.0


def told(match: re.Match[str]) -> float | Judged:
    """A password told in a sentence: what follows is no ordinary word, or stands in quotes."""
    start, end = value_of(match)
    value = match.string[start:end]
    cut = value.rstrip(".,;!?)\"'”’")
    end = start + len(cut)
    if len(cut) < 3 or cut.lower() in _STOP_WORDS or is_placeholder(cut):
        return 0.0
    is_quoted = match.string[start - 1 : start] in ("'", '"', "`", "“") and match.string[end : end + 1] in ("'", '"', "`", "”")
    if is_quoted or any(not ch.isalpha() for ch in cut.replace("'", "")) or not (cut.islower() or cut.istitle()):
        return Judged(1.0, start, end)
    after = match.string[end : end + 2]
    is_last = not after.strip() or after[0] in ".,;!?"
    return Judged(0.7, start, end) if is_last and cut.lower() == cut and len(cut) >= 5 else 0.0


def config(match: re.Match[str]) -> float | Judged:
    """The value of a configuration entry: not a row of one sign."""
    group = match.lastgroup or "a"
    if len(set(match[group])) < 3:
        return 0.0
    return Judged(1.0, *match.span(group))


@lru_cache(maxsize=2)
def _is_secret_manifest(text: str) -> bool:
    return re.search(r"(?i)\bkind: {0,4}[\"']?secret\b", text) is not None


def kubernetes(match: re.Match[str]) -> float:
    """A base64 value in a manifest of the kind Secret."""
    if len(match["value"]) % 4 or not _is_secret_manifest(match.string):
        return 0.0
    return 1.0 if match["value"].endswith("=") or any(map(str.isdigit, match["value"])) else 0.0


def curl_user(match: re.Match[str]) -> float | Judged:
    """The password of `curl -u user:password`, or the user where that is the key."""
    user, _, password = match["value"].strip("\"'\\").partition(":")
    password = password.strip("\"'\\")
    secret = password or user
    if len(secret) < 3 or PLACEHOLDER.match(secret) or secret.lower() in ("pass", "token", "password", user.lower()):
        return 0.0
    start, end = match.span("value")
    at = match.string.index(secret, start, end)
    return Judged(1.0, at, at + len(secret))


def digits_told(match: re.Match[str]) -> float:
    """A code told in a sentence, unless it is a year."""
    return 0.0 if re.fullmatch(r"(?:19|20)\d\d", match["value"]) else 1.0


def url_token(match: re.Match[str]) -> float:
    """A parameter of a URL: not a placeholder, and no short word."""
    value = match["value"]
    is_named = PLACEHOLDER.match(value) or re.fullmatch(r"[A-Z]+(?:_[A-Z]+)+", value)
    return 0.0 if is_named or (value.isalpha() and len(value) < 16) else 1.0
