"""Ids of the two taxonomies that attacks carry, with their titles. Only those that some technique tests.

OWASP Top 10 for LLM Applications, edition 2025 (genai.owasp.org); its numbers differ from those of 2023, which some tools still
write. MITRE ATLAS, version 5.6.0 (github.com/mitre-atlas/atlas-data, dist/ATLAS.yaml, 2026-05).
"""

from __future__ import annotations

OWASP = {
    "LLM01": "Prompt Injection",
    "LLM02": "Sensitive Information Disclosure",
    "LLM05": "Improper Output Handling",
    "LLM06": "Excessive Agency",
    "LLM07": "System Prompt Leakage",
    "LLM08": "Vector and Embedding Weaknesses",
}
"""Id in OWASP LLM 2025 -> title."""

ATLAS = {
    "AML.T0051.000": "LLM Prompt Injection: Direct",
    "AML.T0051.001": "LLM Prompt Injection: Indirect",
    "AML.T0053": "AI Agent Tool Invocation",
    "AML.T0054": "LLM Jailbreak",
    "AML.T0056": "Extract LLM System Prompt",
    "AML.T0057": "LLM Data Leakage",
    "AML.T0065": "LLM Prompt Crafting",
    "AML.T0068": "LLM Prompt Obfuscation",
    "AML.T0070": "RAG Poisoning",
    "AML.T0077": "LLM Response Rendering",
    "AML.T0086": "Exfiltration via AI Agent Tool Invocation",
}
"""Id in MITRE ATLAS -> title."""
