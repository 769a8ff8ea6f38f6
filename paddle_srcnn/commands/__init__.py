"""Commands: `srcnn` and its subcommands, which the scripts at the top of the repository run as well."""
