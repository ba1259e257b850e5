"""Config: what the user has set, typed and composed once.

takes:    flags, the environment, the nearest searchkit.toml
gives:    every setting with the place it came from; the sources that the file describes
does not: act on any of it; no room below reads a file or a variable for settings
traps:    paths in the file are relative to the file; sources are read only where they are asked for
"""

from searchkit.config.settings import Config, Setting, find_file, load

__all__ = ["Config", "Setting", "find_file", "load"]
