"""Names that the user corrects (aliases.toml) or watches for (watchlists), and likely duplicate names."""
