"""Rules for secrets that are told in prose, typed on command lines, or stand where neither `=` nor `:` assigns them."""

from __future__ import annotations

import re
from itertools import pairwise

from goldworks.redaction import secret_checks
from goldworks.redaction.rules import Judged, Rule, value_of

_TECHNICAL = re.compile(
    r"(?i)(?:sha-?\d+|md5|oauth-?2?|base-?64|argon2\w{0,2}|[bs]crypt|pbkdf2\w*|utf-?8|http/?[123]?|ipv[46]|[se][c3]2?|"
    r"v?\d+(?:\.\d+)*|2fa|mfa|"
    r"totp|u2f|x509|h2|web3|[a-z]+\d{0,2}\.(?:py|js|ts|go|rs|md|html|php|txt|ya?ml|json)|\d+(?:st|nd|rd|th)|"
    r"\d{1,3}-?(?:chars?|characters?|digits?|letters?|symbols?|days?|hours?|minutes?|months?|bits?|h|x|times|factor))\W*"
)
_FOREIGN = (
    r"(?:pass?wort|kennwort|zugangscode|mot de passe|contrase(?:ñ|n)a|clave|parola d['’]ordine|wachtwoord|senha|"
    r"palavra-?passe|has(?:ł|l)o|"
    r"l(?:ö|o)senord|adgangskode|kodeord|passord|salasana|parola|jelsz(?:ó|o)|heslo|пароль|şifre|密码|パスワード|비밀번호)"
)
_ALL = re.compile(r"(?P<value>.+)", re.DOTALL)
_WORD_VALUE = r"[^\s\"'`<>\x1a]"
_QUOTE = r"[\"'`“(\[]?"


def strong(match: re.Match[str]) -> float | Judged:
    """What looks like a password and like no word: letters with digits or signs among them."""
    start, end = value_of(match)
    value = match.string[start:end].rstrip(".,;:?)]}\"'”’")
    if len(value) > 1 and value[-1] == "!" and not any(map(str.isdigit, value)):
        value = value[:-1]
    end = start + len(value)
    has_letter, has_digit = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    has_sign = any(sign in "!@#$%^&*+?~=_" for sign in value)
    if len(value) < 5 or not has_letter or not (has_digit or has_sign) or secret_checks.is_placeholder(value):
        return 0.0
    if _TECHNICAL.fullmatch(value) or (value.islower() and not has_digit) or re.fullmatch(r"[a-z]+(?:_[a-z]+)+\d?", value):
        return 0.0
    return Judged(1.0, start, end) if "(" not in value and "://" not in value else 0.0


def strong_group(match: re.Match[str]) -> float | Judged:
    """`strong`, of whichever group matched."""
    inner = _ALL.match(match.string, *match.span(match.lastgroup or "value"))
    return strong(inner) if inner else 0.0


def random_looking(match: re.Match[str]) -> float | Judged:
    """A long run of letters and digits that no dictionary and no program has."""
    start, end = value_of(match)
    value = match.string[start:end].rstrip(".,;:")
    has_digit, has_letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if not (has_digit and has_letter) or secret_checks.entropy(value) < 3.2 or secret_checks.PLACEHOLDER.match(value):
        return 0.0
    is_made = re.fullmatch(r"[a-z]+(?:[_\-.][a-z0-9]{1,12})+", value) is not None or "/" in value[:1]
    return 0.0 if is_made else Judged(1.0, start, start + len(value))


def in_cookie(match: re.Match[str]) -> float | Judged:
    """A session's id in a cookie header; ids of sessions elsewhere are ids."""
    if not re.search(r"(?i)cookie", match.string[max(0, match.start() - 400) : match.start()]):
        return 0.0
    return random_looking(match)


_UUID = re.compile(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?")


def in_element(match: re.Match[str]) -> float:
    """The text of an element that is called after a secret: an id that leads to it is none."""
    return 0.0 if _UUID.fullmatch(match["value"]) else secret_checks.password(match)


def command(match: re.Match[str]) -> float | Judged:
    """The password in a command or a statement, in whichever group it stands."""
    group = match.lastgroup or "a"
    value = match[group]
    if secret_checks.PLACEHOLDER.match(value) or len(set(value)) < 2 or value.startswith(("$", "-", "%", "{")):
        return 0.0
    return Judged(1.0, *match.span(group))


_IDS = re.compile(
    r"(?i)(?:msg|call|toolu|chatcmpl|cmpl|run|thread|asst|file|resp|req|conv|evt|event|cus|pi|ch|sub|in|prod|price|"
    r"acct|txn|order|step|"
    r"batch|vs|ft|ftjob|img|doc|job|task|trace|span|session|node|pod|user|org|proj|rs|fc|ws|item|commit|build|test|"
    r"sha\d*|ev|pm|seti|"
    r"chunk|index|key|id|uid|ref|hash|digest)(?:$|[_\-])"
)
"""What ids, as against keys, begin with."""


def prefixed(match: re.Match[str]) -> float:
    """A vendor unknown to us: a short prefix and a long random body in small and capital letters and digits."""
    body = match["body"]
    if sum(map(str.isdigit, body)) < 3 or re.fullmatch("[0-9A-Fa-f]+", body):
        return 0.0
    if _IDS.match(match["prefix"]) or body in (body.lower(), body.upper()):
        return 0.0
    if re.search("[A-Z][a-z]{4,}", body):  # words put together
        return 0.0
    changes = sum(one.isupper() != two.isupper() for one, two in pairwise(body))
    return 0.9 if secret_checks.entropy(body) >= 3.8 and changes >= len(body) // 5 else 0.0


RULES = (
    Rule(
        "password_beside",
        "PASSWORD",
        "secret",
        r"(?i)pass|pwd?['’ \t:,=→\-]",
        re.compile(
            r"(?i)(?<![A-Za-z_\-])(?:password|passwd|passphrase|passcode|pass|pwd|pw)(?:['’]s)?(?:[ \t]{1,20}(?:for|to|of|"
            r"on)[ \t]{1,20}(?:the[ \t]{1,20})?[\w.\-]{1,30})?"
            r"(?:[ \t]{1,20}(?:is|was|from|to|reads|equals|says))?[ \t]{0,2}(?:->|→|=>|[,:])?[ \t]{1,2}"
            + rf"{_QUOTE}(?P<value>{_WORD_VALUE}{{5,80}})"
        ),
        strong,
        again=True,
    ),
    Rule(
        "password_before",
        "PASSWORD",
        "secret",
        r"(?i)[ \t]as (?:my |the |his |her |your |our |a |their )?(?:new |old )?(?:pass|pwd|pw\b)",
        re.compile(
            rf"(?i)(?<![^\s\"'`“(])(?P<value>{_WORD_VALUE}{{5,80}})[\"'`”]?[ \t]{{1,2}}as (?:my |the |his |her |your |"
            rf"our |a |their )?"
            r"(?:new |old )?(?:password|passphrase|passwd|passcode|pass|pwd|pw)\b"
        ),
        strong,
    ),
    Rule(
        "pin_before",
        "PASSWORD",
        "secret",
        r"(?i)[0-9] (?:as|is) (?:my |the |his |her |your |our )?(?:new |old )?(?:pin|otp|pass|security|verification|code)",
        re.compile(
            r"(?i)(?<![\w.,:/\-])(?P<value>[0-9]{4,8}) (?:as (?:my |the |his |her |your |our )?(?:new |old )?(?:pin|"
            r"otp|passcode|security code|code)|"
            r"is (?:my|the|his|her|our) (?:new |old )?(?:pin|otp|passcode|security code|verification code))\b"
        ),
        secret_checks.digits_told,
    ),
    Rule(
        "credentials_told",
        "PASSWORD",
        "secret",
        r"(?i)credential|creds|log ?in|sign ?in|wi-?fi|wlan|hotspot|network",
        re.compile(
            r"(?i)\b(?:credentials?|creds|log ?in(?:s| details)?|sign ?in)(?:[ \t]{1,20}(?:are|is|with|using|"
            r"as))?[: \t]{1,3}[\w.@+\-]{1,60}[ \t]?"
            rf"(?:/|:|\||,|and|with)[ \t]{{0,2}}(?:(?:the )?password )?{_QUOTE}(?P<value>{_WORD_VALUE}{{5,80}})|"
            r"\b(?:code|key|pass)[ \t](?:for|to|of)[ \t](?:the |our |my )?(?:wi-?fi|wlan|hotspot|"
            r"network)(?:[ \t]is)?[ \t]{0,2}:?[ \t]{1,2}" + rf"{_QUOTE}(?P<told>{_WORD_VALUE}{{5,80}})|"
            r"\b(?:wi-?fi|wlan|hotspot)[ \t](?:key|code|pass\w{0,6}|pw)(?:[ \t]is)?[ \t]{0,2}[:=]?[ \t]{1,2}"
            + rf"{_QUOTE}(?P<key>{_WORD_VALUE}{{5,80}})"
        ),
        strong_group,
    ),
    Rule(
        "password_foreign",
        "PASSWORD",
        "secret",
        rf"(?i){_FOREIGN}",
        re.compile(
            rf"(?i){_FOREIGN}(?:[ \t]{{1,20}}(?:lautet|ist|war|est|es|era|è|e|é|is|to|är|er|on|"
            rf"olan))?[ \t]{{0,2}}[:=：]?[ \t]{{0,2}}"
            rf"(?:->[ \t])?{_QUOTE}(?P<value>{_WORD_VALUE}{{5,80}})"
        ),
        strong,
    ),
    Rule(
        "command_password",
        "PASSWORD",
        "secret",
        r"(?i)mysql|mariadb|sshpass|docker|podman|helm|redis-cli|identified|password[ \t]+[\"']|\bpassword[ \t]+[^\s]|"
        r"/user:|--pass|"
        r"--(?:token|secret|api|access|auth|client)|ldap|openssl|\baz[ \t]|\boc[ \t]",
        re.compile(
            r"(?i)\b(?:mysql\w{0,8}|mariadb\w{0,8})\b[^\n\x1a]{0,200}?[ \t]-p[\"']?(?P<a>[^\s\"'\x1a\-][^\s\"'\x1a]{2,80})|"
            r"\bsshpass[ \t]{1,20}-p[ \t]{0,2}[\"']?(?P<b>[^\s\"'\x1a]{3,80})|"
            r"\b(?:docker|podman|helm|az|"
            r"oc)[ \t][^\n\x1a]{0,160}?[ \t]-p[ \t=]{1,2}[\"']?(?P<c>[^\s\"'\x1a:/]{5,80})(?=[\s\"']|$)|"
            r"\bredis-cli\b[^\n\x1a]{0,160}?[ \t]-a[ \t]{1,20}[\"']?(?P<d>[^\s\"'\x1a]{3,80})|"
            r"\bidentified[ \t]{1,20}(?:with[ \t]{1,20}\w{1,40}[ \t]{1,20})?by[ \t]{1,20}"
            r"(?:password[ \t]{1,20})?[\"'](?P<e>[^\"'\n\x1a]{3,120})|"
            r"\bpassword[ \t]{1,20}'(?P<f>[^'\n\x1a]{4,120})'|"
            r"\bmachine[ \t]{1,20}\S{1,120}\s{1,4}login[ \t]{1,20}\S{1,120}\s{1,4}password[ \t]{1,20}(?P<g>[^\s\x1a]{3,120})|"
            r"/user:[^\s\x1a]{1,60}[ \t]{1,20}[\"']?(?P<h>[^\s\"'\x1a/*][^\s\"'\x1a]{2,80})|"
            r"--(?:pass(?:word|wd|phrase)?|token|secret|api-?key|access-?token|auth-?token|"
            r"client-?secret)[ \t]{1,20}[\"']?(?P<i>[^\s\"'\x1a]{6,200})|"
            r"\b(?:ldap(?:search|modify|add|whoami))\b[^\n\x1a]{0,200}?[ \t]-w[ \t]{1,20}[\"']?(?P<j>[^\s\"'\x1a]{3,80})|"
            r"\bopenssl\b[^\n\x1a]{0,200}?[ \t]-pass(?:in|out)?[ \t]{1,20}pass:(?P<k>[^\s\"'\x1a]{3,80})"
        ),
        command,
    ),
    Rule(
        "password_hash",
        "PASSWORD",
        "secret",
        r"\$(?:2[abxy]?|[1567y]|apr1|argon2i?d?|sha1|scrypt)\$|pbkdf2[_\-:]|\{S?SHA",
        re.compile(
            r"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{50,60}|"
            r"\$(?:[1567y]|apr1|sha1)\$(?:rounds=[0-9]{1,9}\$)?[^\s:$\"'\x1a]{1,64}\$[./A-Za-z0-9$]{20,120}|"
            r"\$argon2(?:id|i|d)\$[^\s:\"'\x1a]{20,240}|\$scrypt\$[^\s:\"'\x1a]{20,240}|"
            r"\bpbkdf2[_\-:]sha[0-9]{1,3}[$:][0-9]{1,8}[$:][^\s$:\"'\x1a]{4,64}[$:][A-Za-z0-9+/=.]{20,120}|"
            r"\{S?SHA(?:256|512)?\}[A-Za-z0-9+/=]{20,140}"
        ),
        across_lines=True,
    ),
    Rule(
        "xml_secret",
        "PASSWORD",
        "secret",
        r"(?i)<[\w:.\-]{0,24}(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key)[^<>]{0,80}>",
        re.compile(
            r"(?i)<(?:\w{1,20}:)?[\w.\-]{0,24}(?:passw(?:or)?d|passphrase|pwd|secret|token|"
            r"api_?key)[\w.\-]{0,12}(?:[ \t][^<>]{0,80})?>"
            r"[ \t]{0,4}(?P<value>[^<>\s\x1a]{3,200})[ \t]{0,4}</"
        ),
        in_element,
    ),
    Rule(
        "secret_beside",
        "API_KEY",
        "secret",
        r"(?i)(?:key|token|secret)s?[\"']?[ \t]{1,3}",
        re.compile(
            r"(?i)(?:api[ _\-]?key|access[ _\-]?key|secret[ _\-]?key|encryption[ _\-]?key|licen[cs]e[ _\-]?key|"
            r"private[ _\-]?key|token|secret)"
            r"[\"']?[ \t]{1,3}[\"'(`]?(?P<value>[A-Za-z0-9+/=_.\-]{16,400})(?![\w(])"
        ),
        random_looking,
        across_lines=True,
    ),
    Rule(
        "prefixed_key",
        "API_KEY",
        "secret",
        r"[A-Za-z0-9][_\-][A-Za-z0-9]{28}",
        re.compile(
            r"(?<![\w\-/.+=])(?P<prefix>[A-Za-z][A-Za-z0-9]{1,11}(?:[_\-][A-Za-z0-9]{1,16}){0,3}?)[_\-](?P<body>[A-Za-z0-9]{28,160})(?![\w/])"
        ),
        prefixed,
        across_lines=True,
    ),
    Rule(
        "cookie",
        "API_KEY",
        "secret",
        r"(?i)(?:sess|sid|csrf|xsrf|remember|auth|jwt)[\w.\-]{0,24}=",
        re.compile(
            r"(?i)(?<![A-Za-z])[\w.\-]{0,24}?(?:sess(?:ion)?|sid|sessid|csrf|xsrf|remember|auth|"
            r"jwt)[\w.\-]{0,16}=(?P<value>[^\s;,\"'\x1a]{12,2000})"
        ),
        in_cookie,
        across_lines=True,
    ),
    Rule(
        "url_userinfo",
        "API_KEY",
        "secret",
        r"(?i)[a-z0-9+.\-]://[A-Za-z0-9_\-+/=.]{20,300}@",
        re.compile(r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://(?P<value>[A-Za-z0-9_\-+/=.]{20,300})@(?=[\w\[])"),
        random_looking,
    ),
)
