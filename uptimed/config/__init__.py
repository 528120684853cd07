"""
The configuration file (DESIGN section 5): YAML with line and column, typed models, domain objects.

    load(path)          Loaded(catalogue, settings, warnings), or ConfigErrors with every error of the file
    initial(urls, name) the text of a small file
    json_schema()       for editors
"""

from uptimed.config.build import Loaded
from uptimed.config.initial import initial
from uptimed.config.loader import load, loads
from uptimed.config.problems import ConfigErrors, Problem
from uptimed.config.schema import json_schema

__all__ = ["ConfigErrors", "Loaded", "Problem", "initial", "json_schema", "load", "loads"]
