"""The second scanner: Presidio's pattern recognisers and detect-secrets' detectors of providers' keys, none of which are ours.

No model, and no network: the list of public suffixes that Presidio's recogniser of e-mails would fetch is the packaged one.
"""

from __future__ import annotations

import importlib.metadata
import ipaddress
import re
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from goldworks.proof.triage import NOT_SCANNED, Hit

LIBRARIES = ("presidio-analyzer", "detect-secrets", "phonenumbers", "tldextract")
BETWEEN = "\n;;\n"
"""Stands between short texts that are scanned together: one call costs more than many characters."""
TOGETHER = 20_000
SECRET_SCORE = 0.9
DIGITS = range(6, 16)
"""Of a telephone number: ITU-T E.164 has at most 15. Presidio's parser also knows countries with fewer than 6, and so takes order
numbers for telephones.
"""
_DIGEST = re.compile(r"(?=[0-9]*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{64})")
"""A text that is nothing but an id in hexadecimal digits, with a letter among them: no recogniser here could find more than
chance in it, and most texts of large logs are such ids.
"""
NOT_SECRETS = frozenset({"Base64 High Entropy String", "Hex High Entropy String", "Secret Keyword", "Public IP (ipv4)"})
"""Detectors that judge by looks alone, or that Presidio has."""
NEARLY = 0.9
"""Share of Presidio's limit from which on a recogniser is taken to have run into it: clocks differ a little."""


class SecondScanner:
    """Presidio and detect-secrets behind one `scan`."""

    def __init__(self, types: Sequence[str]) -> None:
        self._types = frozenset(types)

    @property
    def fingerprint(self) -> bytes:
        """What decides what it finds: the versions of the libraries, this module, the wanted types."""
        versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
        return b"\n".join([versions.encode(), " ".join(sorted(self._types)).encode(), Path(__file__).read_bytes()])

    def scan(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Hits in each text, in order, of the wanted types; none in a text that is a digest.

        A text on which one of Presidio's patterns ran out of time has a hit `NOT_SCANNED` over all of it: nobody knows what
        stands there.
        """
        found: list[list[Hit]] = [[] for _ in texts]
        for chunk in _chunks(texts):
            begins: list[int] = []
            at = 0
            for index in chunk:
                begins.append(at)
                at += len(texts[index]) + len(BETWEEN)
            hits, is_whole = self._scan(BETWEEN.join(texts[index] for index in chunk))
            if not is_whole:  # whichever of them it was: the others are scanned all the same
                for index in chunk:
                    found[index] = self._alone(texts[index])
                continue
            for hit in hits:
                inside = [n for n, begin in enumerate(begins) if begin <= hit.start < begin + len(texts[chunk[n]])]
                for number in inside:
                    begin, index = begins[number], chunk[number]
                    found[index].append(Hit(hit.start - begin, min(hit.end - begin, len(texts[index])), hit.type, hit.score))
        return [sorted(hits, key=lambda hit: (hit.start, hit.end, hit.type)) for hits in found]

    def _alone(self, text: str) -> list[Hit]:
        hits, is_whole = self._scan(text)
        return hits if is_whole else [Hit(0, len(text), NOT_SCANNED, 1.0), *hits]

    def _scan(self, text: str) -> tuple[list[Hit], bool]:
        """The hits, and whether no pattern ran out of time.

        Presidio logs that and goes on as if the pattern had found nothing. Whoever takes as long as its limit, by the wall or by
        the processor, is taken to have done so: that holds whichever of its recognisers it is, and whatever is logged.
        """
        from presidio_analyzer import pattern_recognizer

        hits: list[Hit] = []
        is_whole = True
        for recognizer in self._recognizers:
            wanted = [entity for entity in recognizer.supported_entities if entity in self._types]
            if wanted:
                began = time.perf_counter(), time.process_time()
                answers = recognizer.analyze(text, wanted, None) or ()
                took = max(time.perf_counter() - began[0], time.process_time() - began[1])
                is_whole = is_whole and took < NEARLY * pattern_recognizer.REGEX_TIMEOUT_SECONDS
                for one in answers:
                    if not _is_nobodys(one.entity_type, text[one.start : one.end]):
                        hits.append(Hit(one.start, one.end, one.entity_type, float(one.score)))
        if "SECRET" in self._types:
            hits += self._secrets(text)
        return hits, is_whole

    def _secrets(self, text: str) -> Iterator[Hit]:
        for detector in self._detectors:
            for secret in set(detector.analyze_string(text)):
                at = text.find(secret)
                while secret and at >= 0:
                    yield Hit(at, at + len(secret), "SECRET", SECRET_SCORE)
                    at = text.find(secret, at + len(secret))

    @cached_property
    def _recognizers(self) -> list[Any]:
        import tldextract
        from presidio_analyzer import predefined_recognizers as presidio

        suffixes = tldextract.TLDExtract(suffix_list_urls=())

        class Email(presidio.EmailRecognizer):
            """Presidio's, with the packaged list of suffixes."""

            def validate_result(self, pattern_text: str) -> bool:
                return suffixes(pattern_text).fqdn != ""

        return [
            Email(),
            presidio.CreditCardRecognizer(),
            presidio.IbanRecognizer(),
            presidio.IpRecognizer(),
            presidio.MacAddressRecognizer(),
            presidio.PhoneRecognizer(),
            presidio.UsSsnRecognizer(),
            presidio.CryptoRecognizer(),
        ]

    @cached_property
    def _detectors(self) -> list[Any]:
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

        classes = get_mapping_from_secret_type_to_class()
        return [cls() for name, cls in sorted(classes.items()) if name not in NOT_SECRETS]


def _is_nobodys(type_: str, found: str) -> bool:
    """Whether a hit can be told to be no person's by its form alone."""
    if type_ == "PHONE_NUMBER":
        return sum(map(str.isdigit, found)) not in DIGITS
    if type_ == "IP_ADDRESS":
        try:
            address = ipaddress.ip_address(found)
        except ValueError:  # with a port, or a network: for a person to look at
            return False
        return address.is_loopback or address.is_unspecified
    return False


def _chunks(texts: Sequence[str]) -> Iterator[list[int]]:
    chunk: list[int] = []
    size = 0
    for index, text in enumerate(texts):
        if _DIGEST.fullmatch(text):
            continue
        if chunk and size + len(text) > TOGETHER:
            yield chunk
            chunk, size = [], 0
        chunk.append(index)
        size += len(text) + len(BETWEEN)
    if chunk:
        yield chunk
