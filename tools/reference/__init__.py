"""Pages of the documentation that are made of the code: keys, commands, backends and data sets."""
