"""Config: the user's settings and sources, typed and composed once.

Settings come from flags, the environment and the nearest searchkit.toml; no lower layer reads any of these. Paths in
the file are relative to the file.
"""

from searchkit.config.settings import Config, Setting, find_file, load

__all__ = ["Config", "Setting", "find_file", "load"]
