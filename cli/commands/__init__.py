"""The command groups; `cli.main` puts them together."""
