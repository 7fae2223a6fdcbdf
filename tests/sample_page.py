"""Prints the review map of the made-up town: ``make lint`` checks the scripts of a page as built."""

from outcomes import made_up_plan, make_outcome

from gusu_geo.report.webmap.render import render_map

if __name__ == "__main__":
    print(render_map(make_outcome(single=True, survey=True), plan=made_up_plan()))
