"""The catalogue: data sets, letters and texts as data. Adding a data set is adding a file, no Python."""

from blauweknop.catalogue.load import Catalogue, load_catalogue
from blauweknop.catalogue.schema import json_schema

__all__ = ["Catalogue", "json_schema", "load_catalogue"]
