"""`requirements.lock`: every dependency at its hashes, first what the services run with, then what developers add.

One file, two parts: the image installs the first part, `make venv` both, so what was tested is what is shipped.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from devstack.errors import StackUnavailable
from devstack.runs import ROOT

LOCK = ROOT / "requirements.lock"
DEVELOPMENT = "# --- development only: the image stops reading here ---"
_HEAD = """\
# Every dependency with the hashes of its files, for Linux x86-64. Written by `make lock` from pyproject.toml.
"""
_PLAIN = ("--quiet", "--strip-extras", "--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links")


def write() -> None:
    """Resolve anew, keeping pinned versions that still fit, and write both parts.

    The first part is the closure of the dependencies without extras, at the versions that the whole was resolved to.
    """
    with tempfile.TemporaryDirectory() as scratch:
        whole, services = Path(scratch, "whole.txt"), Path(scratch, "services.txt")
        if LOCK.exists():
            whole.write_text(LOCK.read_text())
        _compile("--extra", "dev", "--generate-hashes", "--allow-unsafe", "--output-file", whole)
        _compile("--constraint", whole, "--output-file", services)
        names = set(re.findall(r"^([\w.-]+)==", services.read_text(), re.MULTILINE))
        blocks = re.findall(r"^[\w.-]+==.*(?:\n    .*)*\n", whole.read_text(), re.MULTILINE)
    shipped = [block for block in blocks if block.split("==")[0] in names]
    added = [block for block in blocks if block.split("==")[0] not in names]
    LOCK.write_text(_HEAD + "".join(shipped) + f"{DEVELOPMENT}\n" + "".join(added))


def _compile(*arguments: str | Path) -> None:
    # What this machine's pip is configured to look at first must not decide what everybody installs.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    command = [sys.executable, "-m", "piptools", "compile", *_PLAIN, *arguments, "pyproject.toml"]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise StackUnavailable("The dependencies could not be resolved; pip-compile said why above.")
