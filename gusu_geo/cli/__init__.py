"""The command line ``gusu-geo``."""

from gusu_geo.cli.commands import app as app
from gusu_geo.cli.entry import main as main
