"""Child processes that never outlive their parent, not even when the parent is killed with SIGKILL."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The kernel signals a child when the *thread* that forked it ends. One thread that lives as long as the process does
# all the forking, so that a caller in a short-lived worker thread does not take its children down with it.
_FORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="devstack-forker")

# Runs in the child before the program: asks for SIGKILL at the parent's death (PR_SET_PDEATHSIG is 1), leaves at once
# if the parent died before it could ask, then becomes the program, so that the process id stays the program's own.
_TETHER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv[1]): os._exit(1)
os.execvpe(sys.argv[2], sys.argv[2:], os.environ)
"""


def spawn(
    command: Sequence[str | Path], *, log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program tied to this process's life, in its own session, with its output appended to `log`.

    Its own session keeps a Ctrl-C at the terminal for us: we stop the children in order, they do not race us.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = [sys.executable, "-I", "-S", "-c", _TETHER, str(os.getpid()), *map(str, command)]

    def fork() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else dict(env),
                start_new_session=True,
            )

    return _FORKER.submit(fork).result()


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for the error message of a program that did not come up."""
    if not log.exists():
        return "(no output)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
