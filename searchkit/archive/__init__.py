"""An archive: lock, store and index in one folder, and its maintenance (check, repair, backup, forget)."""

from searchkit.archive.archive import Archive

__all__ = ["Archive"]
