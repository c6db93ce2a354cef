"""Secrets for `unseen`: keys of many vendors by their documented formats, passwords, hashes."""

from __future__ import annotations

import base64
import string
import uuid
from collections.abc import Callable

from unseen_drawing import ALNUM, DIGITS, HEX, UPPER, URLSAFE, Drawing

_WORDS = "otter maple velvet harbor copper falcon meadow thunder pickle saturn cobalt willow lantern glacier".split()

VENDORS: dict[str, Callable[[Drawing], str]] = {
    "airtable": lambda m: f"pat{m.pick(ALNUM, 14)}.{m.pick(HEX, 64)}",
    "anthropic": lambda m: f"sk-ant-api03-{m.pick(URLSAFE, 93)}AA",
    "apify": lambda m: f"apify_api_{m.pick(ALNUM, 36)}",
    "aws_id": lambda m: f"AKIA{m.pick('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}",
    "bitbucket": lambda m: f"ATBB{m.pick(ALNUM, 32)}",
    "brevo": lambda m: f"xkeysib-{m.pick(HEX, 64)}-{m.pick(ALNUM, 16)}",
    "buildkite": lambda m: f"bkua_{m.pick(HEX, 40)}",
    "cerebras": lambda m: f"csk-{m.pick(string.ascii_lowercase + DIGITS, 48)}",
    "circleci": lambda m: f"CCIPAT_{m.pick(ALNUM, 22)}_{m.pick(HEX, 40)}",
    "clickup": lambda m: f"pk_{m.pick(DIGITS, 8)}_{m.pick(UPPER + DIGITS, 32)}",
    "contentful": lambda m: f"CFPAT-{m.pick(URLSAFE, 43)}",
    "databricks": lambda m: f"dapi{m.pick(HEX, 32)}",
    "digitalocean": lambda m: f"dop_v1_{m.pick(HEX, 64)}",
    "docker": lambda m: f"dckr_pat_{m.pick(URLSAFE, 27)}",
    "doppler": lambda m: f"dp.pt.{m.pick(ALNUM, 43)}",
    "elevenlabs": lambda m: f"sk_{m.pick(HEX, 48)}",
    "fcm": lambda m: f"AAAA{m.pick(URLSAFE, 7)}:APA91b{m.pick(URLSAFE, 134)}",
    "figma": lambda m: f"figd_{m.pick(URLSAFE, 40)}",
    "flyio": lambda m: f"fo1_{m.pick(URLSAFE, 43)}",
    "github": lambda m: f"ghp_{m.pick(ALNUM, 36)}",
    "github_fine": lambda m: f"github_pat_{m.pick(ALNUM, 22)}_{m.pick(ALNUM, 59)}",
    "gitlab": lambda m: f"glpat-{m.pick(URLSAFE, 20)}",
    "google": lambda m: f"AIza{m.pick(URLSAFE, 35)}",
    "google_oauth": lambda m: f"GOCSPX-{m.pick(URLSAFE, 28)}",
    "grafana": lambda m: f"glsa_{m.pick(ALNUM, 32)}_{m.pick(HEX, 8)}",
    "groq": lambda m: f"gsk_{m.pick(ALNUM, 52)}",
    "hubspot": lambda m: f"pat-na1-{uuid.UUID(int=m.random.getrandbits(128))}",
    "huggingface": lambda m: f"hf_{m.pick(string.ascii_letters, 34)}",
    "influx": lambda m: f"{m.pick(URLSAFE, 86)}==",
    "jfrog": lambda m: f"cmVmdGtuO{m.pick(ALNUM, 55)}",
    "langsmith": lambda m: f"lsv2_pt_{m.pick(HEX, 32)}_{m.pick(HEX, 10)}",
    "linear": lambda m: f"lin_api_{m.pick(ALNUM, 40)}",
    "mailchimp": lambda m: f"{m.pick(HEX, 32)}-us{m.random.randint(1, 21)}",
    "mailgun": lambda m: f"key-{m.pick(HEX, 32)}",
    "mapbox": lambda m: f"sk.eyJ1I{m.pick(ALNUM, 60)}.{m.pick(URLSAFE, 22)}",
    "mollie": lambda m: f"live_{m.pick(ALNUM, 30)}",
    "neon": lambda m: f"napi_{m.pick(string.ascii_lowercase + DIGITS, 64)}",
    "netlify": lambda m: f"nfp_{m.pick(ALNUM, 36)}",
    "newrelic": lambda m: f"NRAK-{m.pick(UPPER + DIGITS, 27)}",
    "notion": lambda m: f"ntn_{m.pick(DIGITS, 11)}{m.pick(ALNUM, 35)}",
    "npm": lambda m: f"npm_{m.pick(ALNUM, 36)}",
    "nvidia": lambda m: f"nvapi-{m.pick(URLSAFE, 64)}",
    "openai": lambda m: f"sk-proj-{m.pick(URLSAFE, 74)}T3BlbkFJ{m.pick(URLSAFE, 74)}",
    "openrouter": lambda m: f"sk-or-v1-{m.pick(HEX, 64)}",
    "paypal": lambda m: f"access_token$production${m.pick(string.ascii_lowercase + DIGITS, 16)}${m.pick(HEX, 32)}",
    "perplexity": lambda m: f"pplx-{m.pick(ALNUM, 48)}",
    "pinecone": lambda m: f"pcsk_{m.pick(ALNUM, 6)}_{m.pick(ALNUM, 63)}",
    "plaid": lambda m: f"access-production-{uuid.UUID(int=m.random.getrandbits(128))}",
    "planetscale": lambda m: f"pscale_tkn_{m.pick(URLSAFE, 43)}",
    "posthog": lambda m: f"phc_{m.pick(ALNUM, 43)}",
    "postman": lambda m: f"PMAK-{m.pick(HEX, 24)}-{m.pick(HEX, 34)}",
    "pypi": lambda m: f"pypi-AgEIcHlwaS5vcmc{m.pick(URLSAFE, 80)}",
    "razorpay": lambda m: f"rzp_live_{m.pick(ALNUM, 14)}",
    "render": lambda m: f"rnd_{m.pick(ALNUM, 28)}",
    "replicate": lambda m: f"r8_{m.pick(ALNUM, 37)}",
    "resend": lambda m: f"re_{m.pick(ALNUM, 8)}_{m.pick(ALNUM, 24)}",
    "scaleway": lambda m: f"SCW{m.pick(UPPER + DIGITS, 17)}",
    "sendgrid": lambda m: f"SG.{m.pick(URLSAFE, 22)}.{m.pick(URLSAFE, 43)}",
    "sentry": lambda m: f"sntrys_{m.pick(ALNUM, 60)}",
    "shopify": lambda m: f"shpat_{m.pick(HEX, 32)}",
    "slack": lambda m: f"xoxb-{m.pick(DIGITS, 12)}-{m.pick(DIGITS, 12)}-{m.pick(ALNUM, 24)}",
    "sonar": lambda m: f"squ_{m.pick(HEX, 40)}",
    "square": lambda m: f"sq0csp-{m.pick(URLSAFE, 43)}",
    "stripe": lambda m: f"sk_live_{m.pick(ALNUM, 24)}",
    "stripe_restricted": lambda m: f"rk_live_{m.pick(ALNUM, 99)}",
    "supabase": lambda m: f"sbp_{m.pick(HEX, 40)}",
    "supabase_secret": lambda m: f"sb_secret_{m.pick(URLSAFE, 31)}",
    "tailscale": lambda m: f"tskey-auth-{m.pick(ALNUM, 12)}CNTRL-{m.pick(ALNUM, 32)}",
    "tavily": lambda m: f"tvly-{m.pick(ALNUM, 32)}",
    "telegram": lambda m: f"{m.pick('123456789', 1)}{m.pick(DIGITS, 9)}:AA{m.pick(URLSAFE, 33)}",
    "terraform": lambda m: f"{m.pick(ALNUM, 14)}.atlasv1.{m.pick(ALNUM, 67)}",
    "twilio": lambda m: f"SK{m.pick(HEX, 32)}",
    "typeform": lambda m: f"tfp_{m.pick(ALNUM, 44)}",
    "vault": lambda m: f"hvs.{m.pick(URLSAFE, 90)}",
    "vercel_blob": lambda m: f"vercel_blob_rw_{m.pick(ALNUM, 16)}_{m.pick(ALNUM, 30)}",
    "xai": lambda m: f"xai-{m.pick(ALNUM, 80)}",
    "yubico": lambda m: f"AGE-SECRET-KEY-1{m.pick('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}",
}
"""Keys that say by themselves what they are; each half uses every second vendor."""


class Secrets(Drawing):
    """Draws secrets of each type."""

    def password(self) -> str:
        draw = self.random
        one, two = draw.sample(_WORDS, 2)
        return draw.choice(
            [
                f"{one.title()}{draw.randint(10, 9999)}!",
                f"{one}-{two}-{draw.randint(10, 99)}",
                self.pick(ALNUM + "!#%*+_?", 12),
                f"{one[:4]}@{draw.randint(100, 999)}{two[:3].upper()}",
                f"{one.title()}{two.title()}{draw.randint(1, 99)}",
                f"{one}$1{two[:2]}9",
                self.pick(ALNUM, 10) + "7",
            ]
        )

    def pin(self) -> str:
        return self.pick("13579", 1) + self.pick(DIGITS, self.random.choice([3, 5]))

    def hex_secret(self) -> str:
        return self.pick(HEX, self.random.choice([32, 40, 64]))

    def random_secret(self) -> str:
        return self.random.choice(
            [
                self.pick(ALNUM, 24),
                self.pick(URLSAFE, 32),
                base64.b64encode(self.random.randbytes(30)).decode(),
                self.pick(ALNUM, 40),
            ]
        )

    def vendor(self) -> str:
        names = sorted(VENDORS)
        return VENDORS[self.random.choice([name for at, name in enumerate(names) if at % 2 == self.half])](self)

    def jwt(self) -> str:
        def part(text: str) -> str:
            return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

        claims = part('{"sub":"' + self.pick(DIGITS, 9) + '","aud":"shop"}')
        return part('{"typ":"JWT","alg":"HS256"}') + f".{claims}.{self.pick(URLSAFE, 43)}"

    def bcrypt(self) -> str:
        return self.random.choice(["$2b$12$", "$2y$10$"]) + self.pick(ALNUM + "./", 53)

    def shadow(self) -> str:
        return f"$6${self.pick(ALNUM, 16)}${self.pick(ALNUM + './', 86)}"
