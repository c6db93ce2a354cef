"""Redaction: raw conversations in, tokens out. Start at `redactor`; `records` says what goes in and comes out.

Layers: `normalise` shows the text as a scanner should see it, `scanning` finds structured values and secrets in a whole batch
at once, `json_keys` judges values by their keys, `people` or another of the `engines` finds names, `propagation` carries every
value through its conversation, `redactor` puts tokens in their place.
"""

from goldworks.redaction.engines import Engines, NamesSetting
from goldworks.redaction.records import Document, Entity, Field, Known, Leak, RedactedDocument, RedactedField
from goldworks.redaction.redactor import Redactor, limits, load_redactor, policy_version
from goldworks.redaction.withholding import is_too_much, refuse_failures

__all__ = [
    "Document",
    "Engines",
    "Entity",
    "Field",
    "Known",
    "Leak",
    "NamesSetting",
    "RedactedDocument",
    "RedactedField",
    "Redactor",
    "is_too_much",
    "limits",
    "load_redactor",
    "policy_version",
    "refuse_failures",
]
