"""Redaction: raw conversations in, tokens out. Start at `redactor`; `records` says what goes in and comes out.

Layers: `normalise` shows the text as a scanner should see it, `scanning` finds structured values and secrets in a whole batch
at once, `json_keys` judges values by their keys, `people` or another of the `engines` finds names, `propagation` carries every
value through its conversation, `redactor` puts tokens in their place.
"""

from goldworks.redaction.engines import Engines, NamesSetting
from goldworks.redaction.records import Document, Entity, Field, Known, Leak, RedactedDocument, RedactedField
from goldworks.redaction.redactor import Redactor, load_redactor, policy_version

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
    "load_redactor",
    "policy_version",
]
