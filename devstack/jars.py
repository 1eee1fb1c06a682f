"""Kafka's jars: a committed list of coordinates with their hashes, fetched once into the cache folder."""

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from devstack import versions
from devstack.cache import cache_folder, held
from devstack.errors import StackUnavailable

if TYPE_CHECKING:
    from jgo.maven import MavenContext

Say = Callable[[str], None]

PINNED = Path(__file__).with_name("kafka_jars.txt")
_CONNECTIONS = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar of the class path: its Maven coordinate and the SHA-256 its bytes must have."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """The file name under which a repository serves it."""
        return f"{self.name}-{self.version}.jar"

    def path(self, repository: Path) -> Path:
        """Where it lies in a local Maven repository."""
        return repository.joinpath(*self.group.split("."), self.name, self.version, self.filename)


def pinned() -> list[Jar]:
    """The committed list, one `sha256  group:name:version` per line."""
    jars = []
    for line in PINNED.read_text().splitlines():
        if line and not line.startswith("#"):
            sha256, coordinate = line.split()
            group, name, version = coordinate.split(":")
            jars.append(Jar(group, name, version, sha256))
    return jars


def class_path(say: Say) -> str:
    """The class path of the broker, every jar present and equal to its committed hash.

    Raises `StackUnavailable` when a jar is missing and no Maven repository is reachable, or when a repository served
    bytes that are not the pinned ones.
    """
    repository = cache_folder() / "maven"
    jars = pinned()
    with held(cache_folder() / "maven.lock"):
        if missing := [jar for jar in jars if not _intact(jar, repository)]:
            _fetch(missing, repository, say)
    return ":".join(str(jar.path(repository)) for jar in jars)


def _intact(jar: Jar, repository: Path) -> bool:
    path = jar.path(repository)
    if path.exists() and _sha256(path) == jar.sha256:
        return True
    path.unlink(missing_ok=True)
    return False


def _fetch(missing: list[Jar], repository: Path, say: Say) -> None:
    context = _maven(repository)
    done, total = 0, len(missing)
    say(f"Kafka {versions.KAFKA}: fetching {total} jars (44 MB, once)")
    lock = threading.Lock()

    def fetch(jar: Jar) -> None:
        nonlocal done
        path = jar.path(repository)
        context.resolver.download(context.project(jar.group, jar.name).at_version(jar.version).artifact())
        if _sha256(path) != jar.sha256:
            path.unlink()
            message = f"The repository served bytes for {jar.filename} that are not the pinned ones; nothing was kept."
            raise StackUnavailable(message)
        with lock:
            done += 1
            say(f"Kafka {versions.KAFKA}: {done} of {total} jars")

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        pending = [pool.submit(fetch, jar) for jar in missing]
        try:
            for each in as_completed(pending):
                each.result()
        except (OSError, RuntimeError) as error:
            pool.shutdown(cancel_futures=True)
            if isinstance(error, StackUnavailable):
                raise
            message = (
                f"Kafka's jars are not all in {repository} and no Maven repository could be reached to fetch the rest"
                f" ({type(error).__name__}): connect once, name a mirror in ZHIXING_MAVEN,"
                " or set KAFKA_BOOTSTRAP to a broker of your own."
            )
            raise StackUnavailable(message) from error


def _maven(repository: Path) -> "MavenContext":
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - a stack from the environment needs no jgo
    except ImportError as error:
        message = "The native stack needs the `dev` extra (jgo): run `make venv`."
        raise StackUnavailable(message) from error
    mirror = os.environ.get("ZHIXING_MAVEN")
    return MavenContext(
        resolver=PythonResolver(),
        repo_cache=repository,
        local_repos=[],
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=60,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def pin(say: Say) -> None:
    """Resolve Kafka's dependencies anew and rewrite the committed list; run it after changing `versions.py`."""
    from jgo.maven import Dependency  # noqa: PLC0415 - only whoever changes the pins resolves

    repository = cache_folder() / "maven"
    context = _maven(repository)
    kafka = context.project("org.apache.kafka", f"kafka_{versions.KAFKA_SCALA}").at_version(versions.KAFKA)
    backend = context.project("org.apache.logging.log4j", "log4j-slf4j-impl").at_version(versions.LOG4J_SLF4J)
    # Resolved alone: jgo treats every root as a BOM, and Log4j's would pull Kafka's own client back to an old release.
    inputs, transitive = context.resolver.resolve([Dependency(kafka.artifact(), "compile")])
    wanted = [*inputs, *transitive, Dependency(backend.artifact(), "runtime")]
    lines = []
    for dependency in wanted:
        if dependency.scope in ("compile", "runtime"):
            say(f"{dependency.artifactId} {dependency.version}")
            sha256 = _sha256(Path(dependency.artifact.resolve()))
            lines.append(f"{sha256}  {dependency.groupId}:{dependency.artifactId}:{dependency.version}")
    head = "# The class path of the native broker: SHA-256 and Maven coordinate, written by `python -m devstack pin`.\n"
    PINNED.write_text(head + "\n".join(lines) + "\n")
