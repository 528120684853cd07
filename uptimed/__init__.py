"""The trunk: pure rules in `domain`, memory in `storage`, the walk of a result in `engine`, words in `notify`, wiring in `app`."""

__version__ = "0.1.0"
