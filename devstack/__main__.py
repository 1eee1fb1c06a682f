"""`python -m devstack`: the same commands as `zhixing`."""

from devstack.cli import app

app()
