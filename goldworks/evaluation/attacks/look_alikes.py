"""Letters of other scripts that look like Latin ones."""

from __future__ import annotations

LATIN = "aceiopxyABCEHIKMOPTX"
CYRILLIC = "асеіорхуАВСЕНІКМОРТХ"

TO_CYRILLIC = str.maketrans(LATIN, CYRILLIC)
TO_LATIN = str.maketrans(CYRILLIC + "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖαορνικ", LATIN + "ABEHIKMNOPTXYZaopvik")
"""Cyrillic and Greek ones."""
