"""The recording of a load: its columns, and the files that hold them."""
