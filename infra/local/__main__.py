"""`python3 -m infra.local COMMAND`: makes the Python environment, then hands over to cli.py inside it.

Standard library only: this runs with the machine's Python on a fresh clone.
"""

from __future__ import annotations

import os
import sys

from infra.common.progress import StepFailed
from infra.local import install
from infra.local.settings import ROOT


def main() -> None:
    """Replaces this process by the one in the venv."""
    try:
        interpreter = install.python()
    except StepFailed as failure:
        sys.exit(str(failure))
    os.chdir(ROOT)
    os.execv(interpreter, [str(interpreter), "-m", "infra.local.cli", *sys.argv[1:]])


main()
