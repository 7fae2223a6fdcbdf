"""Writes the review map of the made-up town: ``make lint`` checks the scripts of a page as built."""

import sys

from outcomes import made_up_plan, make_outcome

from gusu_geo.report.webmap.render import render_map

if __name__ == "__main__":
    page = render_map(make_outcome(single=True, survey=True), plan=made_up_plan())
    sys.stdout.buffer.write(page.encode())
