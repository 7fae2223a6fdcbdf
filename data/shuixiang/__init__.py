"""Draws the invented canal town of the built-in study ``shuixiang``: ``make town``."""
