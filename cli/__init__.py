"""The `lealup` command line. One file a command group in `cli.commands`."""
