"""The version of the rules. Increase it to have stored documents annotated again."""

EXTRACTOR_VERSION = "17"


def extractor_version(register_version: str) -> str:
    """Return the version of documents annotated with this register; an empty `register_version` means none."""
    return f"{EXTRACTOR_VERSION}+{register_version}" if register_version else EXTRACTOR_VERSION
