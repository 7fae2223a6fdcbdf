"""``python -m gusu_geo`` is the command line."""

from gusu_geo.cli import main

main()
