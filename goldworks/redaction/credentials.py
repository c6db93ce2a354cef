"""Rules for secrets: keys that say what they are, values assigned to telling names, passwords told in prose, URLs, PEM, JWT."""

from __future__ import annotations

import math
import re
from collections import Counter

from goldworks.redaction.rules import Judged, Rule, value_of

_PLACEHOLDER = re.compile(
    r"(?i)^(?:x{3,}|\*{3,}|\.{3,}|#{3,}|(?:your|my|the|some|an?|insert|enter|put)[_\- .]|<|\$(?:[{(]|\w)|\{|\[|%\(|%\w+%|"
    r"(?:example|sample|changeme|"
    r"placeholder|redacted|null|none|nil|true|false|undefined|required|optional|string|str|username|password|passwd|pass|"
    r"secret|token|user|"
    r"email|test|foo|bar|yyy|var|local|data)(?:$|[\W_])|process\.env|os\.|env\.|self\.|this\.|req\.|config\.|settings\.|get[_(])"
)
_CODE = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+\W?|[\w.\-/\\]+\.(?:pem|cer|crt|p12|pfx|key|jks|png|jpe?g|txt|json|ya?ml|"
    r"com|net|org|io)(?:[:/].*)?|"
    r"https?://.*|\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?|[A-Z]+(?:[_\-][A-Z0-9]+)+|"
    r"[a-z]+(?:[_\-][a-z0-9]+)*_[a-z0-9]+|.*\.\.\.?(?:\[.*)?"
)
"""No secrets though they stand where one would: attribute chains, files, addresses, UUIDs, constants, what was cut short."""
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


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


def _token(match: re.Match[str]) -> float:
    """A vendor's key: anything but a row of x or an example cut short."""
    start, end = value_of(match)
    value = match.string[start:end]
    if _REPEATS.search(value) or value.endswith("EXAMPLE") or match.string[end : end + 3] == "...":
        return 0.0
    is_random = any(map(str.isdigit, value)) or (value != value.lower() and value != value.upper() and entropy(value) >= 3.5)
    return 1.0 if is_random and entropy(value) >= 2.5 else 0.0


def _assigned(match: re.Match[str]) -> float | Judged:
    """A value after `token=` and the like: letters and digits mixed, not a word, not a placeholder."""
    start, end = value_of(match)
    value = match.string[start:end]
    if _PLACEHOLDER.match(value) or _REPEATS.search(value) or match.string[end : end + 1] == "(":
        return 0.0
    if match.string[match.start() - 1 : match.start()] in ("?", "&"):  # in a URL the next parameter is another value
        value = value.partition("&")[0]
    value = value.rstrip(".,;:!?)]}\\")
    end = start + len(value)
    name = match.string[match.start() : start].lower()
    if "public" in name or (
        _CODE.fullmatch(value) and not re.match(r"(?:\w{0,20}(?:api|access|auth)[_-]?key|\w{0,20}token)\b", name)
    ):
        return 0.0
    is_mixed = any(ch.isdigit() for ch in value) and any(ch.isalpha() for ch in value)
    if len(value) >= 10 and is_mixed and entropy(value) >= 3.0:
        return Judged(1.0, start, end)
    if len(value) >= 16 and entropy(value) >= 3.5 and not re.fullmatch(r"[a-z]+(?:[_\-. /][a-z]+)*", value):
        return Judged(0.8, start, end)
    return 0.0


def _password(match: re.Match[str]) -> float:
    """A value after `password=`: nearly anything is one."""
    start, end = value_of(match)
    value = match.string[start:end]
    if _PLACEHOLDER.match(value) or len(set(value)) < 2 or match.string[end : end + 1] == "(":
        return 0.0
    if value.lower() in _STOP_WORDS:
        return 0.0
    return 1.0


def _told(match: re.Match[str]) -> float | Judged:
    """A password told in a sentence: what follows is no ordinary word, or stands in quotes."""
    start, end = value_of(match)
    value = match.string[start:end]
    cut = value.rstrip(".,;!?)\"'”’")
    end = start + len(cut)
    if len(cut) < 3 or cut.lower() in _STOP_WORDS or _PLACEHOLDER.match(cut):
        return 0.0
    is_quoted = match.string[start - 1 : start] in ("'", '"', "`", "“") and match.string[end : end + 1] in ("'", '"', "`", "”")
    if is_quoted or any(not ch.isalpha() for ch in cut.replace("'", "")) or not (cut.islower() or cut.istitle()):
        return Judged(1.0, start, end)
    after = match.string[end : end + 2]
    is_last = not after.strip() or after[0] in ".,;!?"
    return Judged(0.7, start, end) if is_last and cut.lower() == cut and len(cut) >= 5 else 0.0


def _config(match: re.Match[str]) -> float | Judged:
    group = match.lastgroup or "a"
    if len(set(match[group])) < 3:
        return 0.0
    return Judged(1.0, *match.span(group))


def _kubernetes(match: re.Match[str]) -> float:
    """A base64 value in a manifest of the kind Secret."""
    if len(match["value"]) % 4 or not re.search(r"(?i)\bkind: {0,4}[\"']?secret\b", match.string):
        return 0.0
    return 1.0 if match["value"].endswith("=") or any(map(str.isdigit, match["value"])) else 0.0


def _curl_user(match: re.Match[str]) -> float | Judged:
    user, _, password = match["value"].strip("\"'\\").partition(":")
    password = password.strip("\"'\\")
    secret = password or user
    if len(secret) < 3 or _PLACEHOLDER.match(secret) or secret.lower() in ("pass", "token", "password", user.lower()):
        return 0.0
    start, end = match.span("value")
    at = match.string.index(secret, start, end)
    return Judged(1.0, at, at + len(secret))


def _digits_told(match: re.Match[str]) -> float:
    return 0.0 if re.fullmatch(r"(?:19|20)\d\d", match["value"]) else 1.0


_W = r"[A-Za-z0-9]"
_B64 = r"[A-Za-z0-9+/_\-]"
_PREFIXED = (
    r"sk-(?:proj-|ant-(?:api|admin)[0-9]{2}-|or-v1-|svcacct-|None-|lf-)?[A-Za-z0-9_\-]{16,200}",
    r"(?:sk|pk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,120}",
    r"whsec_[A-Za-z0-9+/=]{16,120}",
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}",
    r"gh[pousr]_[A-Za-z0-9]{30,255}",
    r"github_pat_[A-Za-z0-9_]{30,255}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt|ptt|rtr)-[A-Za-z0-9_.\-]{16,300}",
    r"GR1348941[A-Za-z0-9_\-]{20}",
    r"_gitlab_session=[0-9a-z]{32}",
    r"xox[abeprs](?:\.xox[bp])?-(?:[0-9]-)?[0-9A-Za-z]{8,250}(?:-[A-Za-z0-9]{1,200}){1,8}",
    r"xapp-[0-9]-[A-Za-z0-9\-]{10,250}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,120}",
    r"[a-z0-9]{1,40}\.webhook\.office\.com/webhookb2/[A-Za-z0-9@\-/]{40,300}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]{8,22}/[A-Za-z0-9_\-]{40,90}",
    r"AIza[A-Za-z0-9_\-]{35}",
    r"ya29\.[A-Za-z0-9_\-]{20,300}",
    r"GOCSPX-[A-Za-z0-9_\-]{20,40}",
    r"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{30,64}",
    r"key-[0-9a-f]{32}",
    r"(?:sq0[a-z]{3}-|EAAA)[A-Za-z0-9_\-]{22,70}",
    r"npm_[A-Za-z0-9]{30,60}",
    r"pypi-[A-Za-z0-9_\-]{50,300}",
    r"rubygems_[0-9a-f]{40,64}",
    r"hf_[A-Za-z0-9]{30,50}",
    r"api_org_[A-Za-z]{30,40}",
    r"do[oprt]_v1_[0-9a-f]{60,70}",
    r"shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{30,40}",
    r"dapi[0-9a-f]{32}(?:-[0-9])?",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}",
    r"ops_eyJ[A-Za-z0-9+/_\-]{200,900}={0,3}",
    r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{6}-[A-Z0-9]{5}|[A-Z0-9]{11})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    r"hv[bsr]\.[A-Za-z0-9_\-]{24,320}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=\-]{60,70}",
    r"ATATT3[A-Za-z0-9_\-=]{180,200}",
    r"ATCTT3[A-Za-z0-9_\-=]{180,200}",
    r"lin_(?:api|oauth)_[A-Za-z0-9]{30,64}",
    r"ntn_[0-9]{8,14}[A-Za-z0-9]{30,40}",
    r"secret_[A-Za-z0-9]{40,50}",
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    r"pul-[0-9a-f]{40}",
    r"pplx-[A-Za-z0-9]{40,60}",
    r"gsk_[A-Za-z0-9]{40,60}",
    r"r8_[A-Za-z0-9]{36,40}",
    r"xai-[A-Za-z0-9]{60,90}",
    r"tgp_v1_[A-Za-z0-9_\-]{40,50}",
    r"nvapi-[A-Za-z0-9_\-]{60,80}",
    r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    r"(?:pk|sk)-lf-[0-9a-f\-]{36}",
    r"glc_[A-Za-z0-9+/]{32,400}={0,3}",
    r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}",
    r"eyJrIjoi[A-Za-z0-9]{60,400}={0,3}",
    r"NRAK-[A-Z0-9]{27}",
    r"NRJS-[0-9a-f]{19}",
    r"NRII-[A-Za-z0-9_\-]{32}",
    r"sntry[su]_[A-Za-z0-9+/=_]{40,200}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._\-]{40,60}",
    r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
    r"CLOJARS_[A-Za-z0-9]{60}",
    r"(?:EZ[AT]K)[A-Za-z0-9]{54}",
    r"FLW(?:PUBK|SECK)(?:_TEST|_LIVE)?-[A-Za-z0-9\-]{12,50}",
    r"fio-u-[A-Za-z0-9_\-=]{64}",
    r"shippo_(?:live|test)_[0-9a-f]{40}",
    r"sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}",
    r"slk_[0-9a-f]{64}",
    r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
    r"phc_[A-Za-z0-9]{40,50}",
    r"phx_[A-Za-z0-9]{40,50}",
    r"prefect[a-z]?_[A-Za-z0-9]{36}|pnu_[A-Za-z0-9]{36}",
    r"pscale_(?:pw|tkn|oauth)_[A-Za-z0-9=._\-]{32,64}",
    r"rdme_[a-z0-9]{70}",
    r"sl\.[A-Za-z0-9_\-]{130,150}",
    r"SK[0-9a-f]{32}",
    r"AC[0-9a-f]{32}",
    r"LTAI[A-Za-z0-9]{16,24}",
    r"AKID[A-Za-z0-9]{32}",
    r"(?:HRKU-AA)[A-Za-z0-9_\-]{58}",
    r"MII[A-Za-z0-9+/]{60,400}",
    r"p8e-[A-Za-z0-9]{32}",
    r"duffel_(?:test|live)_[A-Za-z0-9_\-=]{43}",
    r"(?:ico-[A-Za-z0-9]{32})",
    r"t1\.[A-Z0-9a-z_\-]{8,300}[=]{0,2}\.[A-Z0-9a-z_\-]{86}[=]{0,2}|AQVN[A-Za-z0-9_\-]{35,38}|YC[A-Za-z0-9_\-]{38}",
    r"cf(?:ut|at|k)_[A-Za-z0-9_\-]{36,60}",
    r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
    r"[A-Za-z0-9_~.\-]{3}[0-9]Q~[A-Za-z0-9_~.\-]{31,34}",
    r"ABSK[A-Za-z0-9+/]{100,280}={0,2}",
    r"bedrock-api-key-[A-Za-z0-9+/=]{16,300}",
    r"CMVT-[A-Za-z0-9_\-]{10,80}",
    r"sha256~[A-Za-z0-9_\-]{43}",
    r"oy2[a-z0-9]{43}",
    r"[0-9]{8,10}:A[A-Za-z0-9_\-]{34}",
    r"MT[A-Za-z0-9]{22,26}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,40}",
    r"IGQVJ[A-Za-z0-9_\-]{50,250}|EAA[MC][A-Za-z0-9]{80,250}",
    r"AKCp[A-Za-z0-9]{69}",
    r"s-s4t2(?:ud|af)-[0-9a-f]{64}",
    r"fo1_[A-Za-z0-9_\-]{43}|fm[12][ar]?_[A-Za-z0-9+/=,_]{60,2000}",
    r"API-[A-Z0-9]{26}",
    r"[0-9]{15,16}\|[A-Za-z0-9_\-]{27}",
)
_LONG = re.compile(r"\{([0-9]+)(?:,[0-9]+)?\}")
_ASSIGN = r"[\"'`\])]{0,2}[ \t]{0,4}(?::{1,3}=|\?=|=>|->|==|=|:)[ \t]{0,4}(?:[bruf]{0,2}[\"'`]{1,3})?"
_HUMP = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
"""Where a word begins: after what is no letter, or at the hump of a camelCase name."""
_VALUE = r"[^\s\"'`<>,;\x1a]"
_KEYED = (
    r"(?:api|app|application|access|secret|private|auth|encryption|encrypt|signing|account|client|consumer|service|server|"
    r"master|licen[cs]e|deploy|write|read|"
    r"shared|storage|subscription|session|ssh|admin|root|web|integration|ingest|license|live|test|prod|functions?|host|"
    r"hmac|jwt|aes|gpg|pgp|rsa|aws|"
    r"openai|stripe|maps|google|azure|gcp|github|sonar|sentry|twilio)"
)
_VENDORS = (
    r"adafruit|adobe|airtable|algolia|alibaba|artifactory|asana|atlassian|beamer|bitbucket|bittrex|cloudflare|codecov|"
    r"cohere|coinbase|"
    r"confluent|contentful|datadog|dd_|defined|discord|droneci|dropbox|etsy|facebook|fastly|finicity|finnhub|flickr|"
    r"freemius|freshbooks|"
    r"gitter|gocardless|heroku|hubspot|infracost|intercom|jfrog|jira|kraken|kucoin|launchdarkly|linear|linkedin|lob|"
    r"looker|mailchimp|"
    r"mailgun|mapbox|mattermost|messagebird|microsoft|mistral|netlify|newrelic|new[-_]relic|nytimes|okta|openai|opsgenie|"
    r"plaid|postmark|"
    r"privateai|rapidapi|sendbird|sendgrid|sentry|shopify|sidekiq|snyk|sonar|squarespace|stripe|sumologic|sumo[_\- ]|telegram|"
    r"travis|trello|twilio|"
    r"twitch|twitter|typeform|vercel|weights|yandex|zendesk|bundle_(?:enterprise|gems)"
)

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
        r"ey[A-Za-z0-9_\-]{8,}\.ey[A-Za-z0-9_\-]{4,}|ZXlK[A-Za-z0-9+/_\-]{40}",
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
        _LONG.sub(lambda match: f"{{{min(int(match[1]), 8)},}}", "|".join(_PREFIXED)),
        re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_PREFIXED)})(?![A-Za-z0-9])"),
        _token,
        across_lines=True,
    ),
    Rule(
        "assigned_secret",
        "API_KEY",
        "secret",
        r"(?i)(?:key|token|secret|credential|signature|auth(?:orization)?|pat|dsn|salt|cookie|"
        r"login)s?(?:[_.\-]?[0-9a-z]{1,9})?[\"'`\])]{0,2}[ \t]{0,4}[?:]{0,3}(?:=|:|->)",
        re.compile(
            rf"(?i)(?:{_KEYED}[_.\- ]?keys?|tokens?|secrets?|credentials?|signature|authorization|"
            rf"{_HUMP}(?:[a-z]{{2,10}}[_\-.])?(?:auth|pat|dsn|salt|cookie|sonar\.login))"
            rf"(?:[_.\-]?(?:[0-9]{{1,3}}|key|value|prod|dev|test|live|staging|string|header))?{_ASSIGN}"
            rf"[ \t]{{0,2}}(?:(?:bearer|basic|token|api-?token|api-?key|flyv1)[ \t]+)?(?P<value>{_VALUE}{{8,2000}})"
        ),
        _assigned,
        across_lines=True,
    ),
    Rule(
        "vendor_assigned",
        "API_KEY",
        "secret",
        rf"(?i)(?:{_VENDORS})",
        re.compile(rf"(?i)(?<![A-Za-z])(?:{_VENDORS})[\w.\- \t]{{0,30}}?{_ASSIGN}(?P<value>[A-Za-z0-9=_\-+/.]{{16,200}})"),
        _assigned,
    ),
    Rule(
        "assigned_password",
        "PASSWORD",
        "secret",
        r"(?i)(?:pass|pwd|pw)[\w.\-]{0,24}[\"'`\])]{0,2}[ \t]{0,4}(?:=|:|->)",
        re.compile(
            rf"(?i)(?:password|passwd|passphrase|passcode|{_HUMP}(?:pass|pwd|pw))[_.\-]?(?:[0-9]|hash|value|string)?{_ASSIGN}"
            rf"(?P<value>{_VALUE}{{3,200}})"
        ),
        _password,
        across_lines=True,
    ),
    Rule(
        "config_secret",
        "PASSWORD",
        "secret",
        r"(?i)<add|bundle_(?:enterprise|gems)|account\.?access|access_?id",
        re.compile(
            r"(?i)<add key=\"(?:cleartext)?password\" value=\"(?P<a>[^\"\x1a%]{8,120})\"|bundle_(?:enterprise|"
            r"gems)__contribsys__com[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<b>\w{8}:\w{8})"
            r"|sumo(?:logic)?[._\- ]?access[._]?id\s{0,3}[:=]\s{0,3}[\"'](?P<c>su[A-Za-z0-9]{12})"
        ),
        _config,
    ),
    Rule(
        "kubernetes_secret",
        "PASSWORD",
        "secret",
        r"(?i)kind: {0,4}[\"']?secret",
        re.compile(
            r"(?m)^[ \t]+[\w.\-]{1,60}:[ \t]{0,4}(?:[|>]\n[ \t]{1,20})?[\"']?(?P<value>[A-Za-z0-9+/]{8,8000}={0,2})[\"']?[ \t]*$"
        ),
        _kubernetes,
    ),
    Rule(
        "told_password",
        "PASSWORD",
        "secret",
        r"(?i)pass(?:word|code|phrase|wd)|\bpwd\b|\blogin\b|credential",
        re.compile(
            r"(?i)\b(?:pass(?:word|code|phrase|wd)|pwd)(?:[ \t]+(?:for|to|of|on)[ \t]+[\w.\-]{1,30}(?:"
            r"[ \t]+[\w.\-]{1,30})?)?[ \t]*"
            r"(?:is(?: now| still| set to| simply| just)?|was|=|:|to|of|will be|should be|changed to|set to|reset to|"
            r"equals|-)[ \t]+"
            r"[\"'`“]?(?P<value>[^\s\x1a\"`“”]{3,80})"
        ),
        _told,
        across_lines=True,
    ),
    Rule(
        "told_secret",
        "API_KEY",
        "secret",
        r"(?i)(?:key|token|secret)[\w \t]{0,20}(?: is| was)",
        re.compile(
            r"(?i)\b(?:api|access|auth|secret|private|bearer|session|refresh|deploy|license|licence|recovery|"
            r"encryption)?[ _-]?(?:key|token|secret)"
            r"(?:[ \t]+(?:for|to|of)[ \t]+[\w.\-]{1,30})?[ \t]+(?:is|was)[ \t:]+[\"'`“]?(?P<value>[A-Za-z0-9+/=_.\-]{8,200})"
        ),
        _assigned,
        across_lines=True,
    ),
    Rule(
        "told_pin",
        "PASSWORD",
        "secret",
        r"(?i)\bpin\b|cvv|cvc|security code|one[ -]time|verification code|\botp\b|2fa|passcode",
        re.compile(
            r"(?i)\b(?:pin(?:[ -]?(?:code|number))?|cvv2?|cvc2?|(?:card )?security code|one[ -]time (?:code|password)|"
            r"verification code|otp|2fa(?: code)?|passcode)"
            r"[ \t]*(?:is|was|=|:|#)?[ \t]{0,2}[\"'`]?(?P<value>[0-9]{3,8})(?![\w])(?![.,:/][0-9])"
        ),
        _digits_told,
    ),
    Rule(
        "authorization",
        "API_KEY",
        "secret",
        r"(?i)\b(?:bearer|basic)[ \t]+[A-Za-z0-9+/_=.~\-]{8}|curl[^\n]{0,200} -u",
        re.compile(
            r"(?i)\b(?:bearer|basic)"
            r"[ \t]+(?P<value>(?=[A-Za-z+/_=.~\-]{0,80}[0-9A-Z])[A-Za-z0-9+/_=.~\-]{10,4000})(?![A-Za-z0-9])"
        ),
        lambda match: 1.0 if entropy(match["value"]) >= 3.0 and not match["value"].isalpha() else 0.0,
        across_lines=True,
    ),
    Rule(
        "curl_user",
        "PASSWORD",
        "secret",
        r"(?i)(?:-u|--user)[ =]",
        re.compile(
            r"(?i)curl\b(?:[^\n]|\\\n){0,400}?[ \t](?:-u|--user)"
            r"[ =]{0,3}(?P<value>\"[^\"\n\x1a]{1,80}:[^\"\n\x1a]{0,120}\"|\\?'[^'\n\x1a]{1,80}:[^'\n\x1a]{0,120}'|"
            r"\":[^\"\n\x1a]{3,120}\"|[^\s\"'\x1a:]{1,80}:\\?[^\s\x1a:]{3,120})"
        ),
        _curl_user,
    ),
    Rule(
        "url_password",
        "PASSWORD",
        "secret",
        r"[a-z]://[^\s/@:]{0,80}:[^\s/@]{1,120}@",
        re.compile(r"(?i)\b[a-z][a-z0-9+.\-]{1,30}://[^\s/@:\x1a\"'<>]{0,80}:(?P<value>[^\s/@\x1a\"'<>]{1,120})@(?=[\w\[])"),
        lambda match: 0.0 if _PLACEHOLDER.match(match["value"]) and not match["value"].isalnum() else 1.0,
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
        lambda match: (
            0.0 if _PLACEHOLDER.match(match["value"]) or (match["value"].isalpha() and len(match["value"]) < 16) else 1.0
        ),
        across_lines=True,
    ),
)
