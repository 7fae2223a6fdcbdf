"""Install the Debian packages that the tests need and this machine lacks: browsers and CJK fonts.

Run by ``make test`` before the tests, with the argument ``node`` by ``make lint`` before the linter
of the scripts is installed, and with ``pgrouting`` by ``make bench``; does nothing where all is
there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def missing() -> list[str]:
    """Packages of browsers and fonts that are not there."""
    packages = []
    if shutil.which("chromium-headless-shell") is None:
        packages.append("chromium-headless-shell")
    if shutil.which("firefox-esr") is None:
        packages.append("firefox-esr")
    fonts = (
        shutil.which("fc-list")
        and subprocess.run(
            ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
        ).stdout
    )
    if not fonts:
        packages += ["fontconfig", "fonts-noto-cjk"]
    return packages


def missing_node() -> list[str]:
    """Packages of Node that are not there."""
    programs = {"node": "nodejs", "npm": "npm"}
    return [package for name, package in programs.items() if shutil.which(name) is None]


def missing_pgrouting() -> list[str]:
    """Packages of a server with pgRouting that are not there."""
    extensions = Path("/usr/share/postgresql").glob("*/extension/pgrouting.control")
    return [] if any(extensions) else ["postgresql", "postgresql-pgrouting"]


WANTED = {"node": missing_node, "pgrouting": missing_pgrouting}


def main() -> None:
    """Install what is missing."""
    packages = WANTED[sys.argv[1]]() if sys.argv[1:] else missing()
    if not packages:
        return
    if shutil.which("apt-get") is None:
        sys.exit(f"tests need {', '.join(packages)}; install them by your system's package manager")
    subprocess.run(["apt-get", "update", "-q"], check=True)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=True, env=quiet)


if __name__ == "__main__":
    main()
