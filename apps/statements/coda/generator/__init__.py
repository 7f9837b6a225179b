"""Making CODA files of any size, believable and valid, with each oddity on request; the same recipe, the same bytes."""

from apps.statements.coda.generator.files import Recipe, UnmakeableFile, make_file
from apps.statements.coda.generator.oddities import ODDITIES, Oddity

__all__ = ["ODDITIES", "Oddity", "Recipe", "UnmakeableFile", "make_file"]
