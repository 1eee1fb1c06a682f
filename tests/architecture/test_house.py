"""The walls and measures of the house that no linter holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("libs", "services", "devstack")
SERVICES = ("intake", "asset_inquiry", "auction", "payments", "credit_blacklist", "command_center")
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
OBSERVERS = ("devstack/demo/proof", "tests/e2e", "tests/fault")


def modules(*tops: str) -> Iterator[Path]:
    for top in tops:
        yield from sorted((ROOT / top).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_no_module_is_longer_than_300_lines_and_no_function_longer_than_50() -> None:
    large = []
    for path in modules(*PRODUCT):
        text = path.read_text()
        if text.count("\n") > MODULE_LINES_MAX:
            large.append(str(path.relative_to(ROOT)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    large.append(f"{path.relative_to(ROOT)}:{node.name} {lines}")
    assert large == []


@pytest.mark.parametrize("observer", OBSERVERS)
def test_observers_share_no_code_with_what_they_observe(observer: str) -> None:
    guilty = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(observer)
        for name in imported(path)
        if re.match(r"(libs|services)(\.|$)", name)
    ]
    assert guilty == []


def test_the_proof_looks_with_pymongo_aiokafka_and_httpx_only() -> None:
    allowed = {"pymongo", "aiokafka", "httpx", "cryptography", "devstack"}
    import sys  # noqa: PLC0415 -- only this question needs the list of standard modules

    foreign = {
        name.partition(".")[0]
        for path in modules("devstack/demo/proof")
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
    }
    assert foreign <= allowed
    assert all(
        name.startswith("devstack.demo.proof")
        for path in modules("devstack/demo/proof")
        for name in imported(path)
        if name.startswith("devstack")
    )


@pytest.mark.parametrize("service", SERVICES)
def test_every_room_has_its_furniture(service: str) -> None:
    room = ROOT / "services" / service
    for furniture in ("README.md", "settings.py", "main.py", "__main__.py"):
        assert (room / furniture).exists(), furniture


def test_nothing_unfinished_stands_in_the_product() -> None:
    # The words are written with a gap, so that this line is not what it looks for.
    marks = re.compile(r"\b(TO_DO|FIX_ME|XX_X|NotImplemented_Error)\b".replace("_", ""))
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules(*PRODUCT)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_the_domain_never_asks_for_the_time() -> None:
    clocks = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.(time|monotonic)\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules("services")
        if path.name in {"domain.py", "rules.py"} or "domain" in path.parts
        for line in path.read_text().splitlines()
        if clocks.search(line)
    ]
    assert found == []


def test_money_is_never_a_float() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("services")
        if path.name in {"domain.py", "rules.py"} or "domain" in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert found == []
