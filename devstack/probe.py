"""The container's health check: exit 0 when this container's own service says that it is ready."""

import os
import sys
import urllib.error
import urllib.request

url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"
try:
    with urllib.request.urlopen(url, timeout=4) as answer:
        sys.exit(0 if answer.status == 200 else 1)  # noqa: PLR2004 - HTTP's own number
except urllib.error.HTTPError as error:
    sys.exit(f"not ready: {error.read(500).decode(errors='replace')}")
except OSError as error:
    sys.exit(f"no answer: {error}")
