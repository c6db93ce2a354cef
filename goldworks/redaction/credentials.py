"""Rules for secrets: keys that say what they are, values assigned to telling names, passwords told in prose, URLs, PEM, JWT."""

from __future__ import annotations

import re

from goldworks.redaction import secret_checks, told
from goldworks.redaction.rules import Rule
from goldworks.redaction.vendors import KEYED, PREFIXED, VENDORS

_LONG = re.compile(r"\{([0-9]+)(?:,[0-9]+)?\}")
_ASSIGN = r"[\"'`\])]{0,2}[ \t]{0,4}(?::{1,3}=|\?=|=>|->|==|=|:)[ \t]{0,4}(?:[bruf]{0,2}[\"'`]{1,3})?"
_HUMP = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
"""Where a word begins: after what is no letter, or at the hump of a camelCase name."""
_VALUE = r"[^\s\"'`<>,;\x1a]"

RULES = (
    Rule(
        "private_key",
        "PRIVATE_KEY",
        "secret",
        r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE)",
        re.compile(
            r"-----BEGIN (?P<kind>[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----"
            r"(?:[A-Za-z0-9+/=\s\\:,.\-()]{0,20000}?-----END (?P=kind)-----|(?:\s|\\n|\\r|[A-Za-z0-9+/=:,\-]){0,20000})"
        ),
    ),
    Rule(
        "jwt",
        "JWT",
        "secret",
        r"ey[A-Za-z0-9_\-=]{8,}\.ey[A-Za-z0-9_\-=/\\]{4,}|ZXlK[A-Za-z0-9+/_\-]{40}",
        re.compile(
            r"(?<![A-Za-z0-9_])ey[A-Za-z0-9_\-=]{8,4000}\.ey[A-Za-z0-9_\-=/\\]{4,8000}(?:\.[A-Za-z0-9_\-=/\\]{0,4000})?(?![A-Za-z0-9_])|"
            r"(?<![A-Za-z0-9_])ZXlK[A-Za-z0-9+/_\-]{40,8000}={0,3}"
        ),
        across_lines=True,
    ),
    Rule(
        "vendor_key",
        "API_KEY",
        "secret",
        _LONG.sub(lambda match: f"{{{min(int(match[1]), 8)},}}", "|".join(PREFIXED)),
        re.compile(
            rf"(?<![A-Za-z0-9])(?P<key>{'|'.join(PREFIXED)})(?![A-Za-z0-9])"
            r"(?:[ \t]?\r?\n[ \t]?(?P<more>[A-Za-z0-9+/_\-]{8,200}={0,2})(?![\w]))?"
        ),
        secret_checks.token,
        across_lines=True,
    ),
    Rule(
        "assigned_secret",
        "API_KEY",
        "secret",
        rf"(?i)(?:key|token|secret|credential|signature|auth(?:orization)?|pat|dsn|salt|cookie|"
        rf"login)s?(?:[_.\-]?[0-9a-z]{{1,9}})?{_ASSIGN}[ \t]{{0,2}}(?:(?:bearer|basic|token|api-?token|api-?key|flyv1)[ \t]+)?"
        rf"{_VALUE}{{8}}",
        re.compile(
            rf"(?i)(?:{KEYED}[_.\- ]?keys?|tokens?|secrets?|credentials?|signature|authorization|"
            rf"{_HUMP}(?:[a-z]{{2,10}}[_\-.])?(?:auth|pat|dsn|salt|cookie|sonar\.login))"
            rf"(?:[_.\-]?(?:[0-9]{{1,3}}|key|value|prod|dev|test|live|staging|string|header))?{_ASSIGN}"
            rf"[ \t]{{0,2}}(?:(?:bearer|basic|token|api-?token|api-?key|flyv1)[ \t]{{1,20}})?(?P<value>{_VALUE}{{8,2000}})"
        ),
        secret_checks.assigned,
        across_lines=True,
    ),
    Rule(
        "vendor_assigned",
        "API_KEY",
        "secret",
        rf"(?i)(?:{VENDORS})",
        re.compile(rf"(?i)(?<![A-Za-z])(?:{VENDORS})[\w.\- \t]{{0,30}}?{_ASSIGN}(?P<value>[A-Za-z0-9=_\-+/.]{{16,200}})"),
        secret_checks.assigned,
    ),
    Rule(
        "assigned_password",
        "PASSWORD",
        "secret",
        r"(?i)(?:pass|pwd|pw)[\w.\-]{0,24}[\"'`\])]{0,2}[ \t]{0,4}[?:]{0,3}(?:=|:|->)",
        re.compile(
            rf"(?i)(?:password|passwd|passphrase|passcode|{_HUMP}(?:pass|pwd|pw))[_.\-]?(?:[0-9]|hash|value|string)?{_ASSIGN}"
            rf"(?P<value>{_VALUE}{{3,200}})"
        ),
        secret_checks.password,
        across_lines=True,
    ),
    Rule(
        "config_secret",
        "PASSWORD",
        "secret",
        r"(?i)<add|bundle_(?:enterprise|gems)|account\.?access|access[._]?id",
        re.compile(
            r"(?i)<add key=\"(?:cleartext)?password\" value=\"(?P<a>[^\"\x1a%]{8,120})\"|bundle_(?:enterprise|"
            r"gems)__contribsys__com[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<b>\w{8}:\w{8})"
            r"|sumo(?:logic)?[._\- ]?access[._]?id\s{0,3}[:=]\s{0,3}[\"'](?P<c>su[A-Za-z0-9]{12})"
        ),
        secret_checks.config,
    ),
    Rule(
        "kubernetes_secret",
        "PASSWORD",
        "secret",
        r"(?i)kind: {0,4}[\"']?secret",
        re.compile(
            r"(?m)^[ \t]{1,60}[\w.\-]{1,60}:[ \t]{0,4}(?:[|>]\n[ \t]{1,20})?[\"']?"
            r"(?P<value>[A-Za-z0-9+/]{8,8000}={0,2})[\"']?[ \t]{0,60}$"
        ),
        secret_checks.kubernetes,
    ),
    Rule(
        "told_password",
        "PASSWORD",
        "secret",
        r"(?i)pass(?:word|code|phrase|wd)|\bpwd",
        re.compile(
            r"(?i)\b(?:pass(?:word|code|phrase|wd)|pwd)(?:[ \t]{1,20}(?:for|to|of|on)[ \t]{1,20}[\w.\-]{1,30}(?:"
            r"[ \t]{1,20}[\w.\-]{1,30})?)?[ \t]{0,20}"
            r"(?:is(?: now| still| set to| simply| just)?|was|=|:|to|of|will be|should be|changed to|set to|reset to|"
            r"equals|-)[ \t]{1,20}"
            r"[\"'`“]?(?P<value>[^\s\x1a\"`“”]{3,80})"
        ),
        secret_checks.told,
        across_lines=True,
    ),
    Rule(
        "told_secret",
        "API_KEY",
        "secret",
        r"(?i)(?:key|token|secret)[\w.\- \t]*[ \t](?:is|was)",
        re.compile(
            r"(?i)\b(?:api|access|auth|secret|private|bearer|session|refresh|deploy|license|licence|recovery|"
            r"encryption)?[ _-]?(?:key|token|secret)"
            r"(?:[ \t]{1,20}(?:for|to|of)[ \t]{1,20}[\w.\-]{1,30})?[ \t]{1,20}(?:is|was)[ \t:]{1,20}[\"'`“]?"
            r"(?P<value>[A-Za-z0-9+/=_.\-]{8,200})"
        ),
        secret_checks.assigned,
        across_lines=True,
    ),
    Rule(
        "told_pin",
        "PASSWORD",
        "secret",
        r"(?i)\bpin|cvv|cvc|security code|one[ -]time|verification code|\botp|2fa|passcode",
        re.compile(
            r"(?i)\b(?:pin(?:[ -]?(?:code|number))?|cvv2?|cvc2?|(?:card )?security code|one[ -]time (?:code|password)|"
            r"verification code|otp|2fa(?: code)?|passcode)"
            r"[ \t]{0,20}(?:is|was|=|:|#)?[ \t]{0,2}[\"'`]?(?P<value>[0-9]{3,8})(?![\w])(?![.,:/][0-9])"
        ),
        secret_checks.digits_told,
    ),
    Rule(
        "authorization",
        "API_KEY",
        "secret",
        r"(?i)\b(?:bearer|basic)[ \t]+[A-Za-z0-9+/_=.~\-]{8}|curl[^\n]{0,200} -u",
        re.compile(
            r"(?i)\b(?:bearer|basic)"
            r"[ \t]{1,20}(?P<value>(?=[A-Za-z+/_=.~\-]{0,80}[0-9A-Z])[A-Za-z0-9+/_=.~\-]{10,4000})(?![A-Za-z0-9])"
        ),
        lambda match: 1.0 if secret_checks.entropy(match["value"]) >= 3.0 and not match["value"].isalpha() else 0.0,
        across_lines=True,
    ),
    Rule(
        "curl_user",
        "PASSWORD",
        "secret",
        r"(?i)curl",
        re.compile(
            r"(?i)curl\b(?:[^\n]|\\\n){0,400}?[ \t](?:-u|--user)"
            r"[ =]{0,3}(?P<value>\"[^\"\n\x1a]{1,80}:[^\"\n\x1a]{0,120}\"|\\?'[^'\n\x1a]{1,80}:[^'\n\x1a]{0,120}'|"
            r"\":[^\"\n\x1a]{3,120}\"|[^\s\"'\x1a:]{1,80}:\\?[^\s\x1a:]{3,120})"
        ),
        secret_checks.curl_user,
    ),
    Rule(
        "url_password",
        "PASSWORD",
        "secret",
        r"(?i)[a-z0-9+.\-]://[^\s/@:]{0,80}:[^\s/]{1,120}@",
        re.compile(r"(?i)\b[a-z][a-z0-9+.\-]{1,30}://[^\s/@:\x1a\"'<>]{0,80}:(?P<value>[^\s/\x1a\"'<>]{1,120})@(?=[\w\[])"),
        lambda match: 0.0 if secret_checks.PLACEHOLDER.match(match["value"]) and not match["value"].isalnum() else 1.0,
        across_lines=True,
    ),
    Rule(
        "url_token",
        "URL_TOKEN",
        "secret",
        r"(?i)[?&#;](?:[\w.\-]{0,24}(?:token|key|sig|signature|secret|password|passwd|pwd|auth|code|otp|ticket|session|"
        r"sid|credential|jwt|sas|hash|nonce))=",
        re.compile(
            r"(?i)(?:[?&#;]|&amp;)(?:[\w.\-]{0,24}(?:token|key|sig|signature|secret|password|passwd|pwd|auth|code|otp|"
            r"ticket|session|sid|credential|jwt|sas|hash|nonce))="
            r"(?P<value>[^\s&#\"'<>\x1a)\]}]{6,2000})"
        ),
        secret_checks.url_token,
        across_lines=True,
    ),
    *told.RULES,
)
