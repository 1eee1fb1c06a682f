"""The files that operators deploy with agree with the code: same services, same safety, no surprise downloads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from devstack import versions
from devstack.devkeys import SERVICES
from devstack.runs import ROOT

BASE = ROOT / "k8s" / "base"


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def manifests(kind: str) -> dict[str, dict[str, Any]]:
    found = [each for path in sorted(BASE.glob("*.yaml")) for each in documents(path) if each["kind"] == kind]
    return {each["metadata"]["name"]: each for each in found}


def test_every_service_directory_is_deployed_by_kubernetes_and_compose() -> None:
    rooms = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    compose = documents(ROOT / "docker-compose.yml")[0]["services"]
    dashed = {name.replace("_", "-") for name in SERVICES}
    assert rooms <= set(SERVICES)
    assert set(manifests("Deployment")) == set(manifests("Service")) == dashed
    assert dashed <= set(compose)


def test_the_kustomization_lists_every_file_beside_it() -> None:
    listed = set(documents(BASE / "kustomization.yaml")[0]["resources"])
    assert listed == {path.name for path in BASE.glob("*.yaml")} - {"kustomization.yaml"}


@pytest.mark.parametrize("name", [name.replace("_", "-") for name in SERVICES])
def test_a_pod_runs_its_room_without_rights_and_says_how_it_is(name: str) -> None:
    pod = manifests("Deployment")[name]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert container["args"] == [f"services.{name.replace('-', '_')}"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["resources"]["limits"]["memory"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize("name", [name.replace("_", "-") for name in SERVICES])
def test_kubernetes_service_variables_cannot_pass_for_our_settings(name: str) -> None:
    assert manifests("Deployment")[name]["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_compose_runs_the_pinned_broker_and_pulls_nothing_by_force() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    services = documents(ROOT / "docker-compose.yml")[0]["services"]
    assert services["kafka"]["image"] == versions.KAFKA_IMAGE
    assert services["mongo"]["image"] == versions.MONGO_IMAGE
    assert "pull_policy" not in text
    assert "# syntax" not in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", [name.replace("_", "-") for name in SERVICES])
def test_a_compose_service_waits_for_broker_and_database_and_cannot_write_its_root(name: str) -> None:
    service = documents(ROOT / "docker-compose.yml")[0]["services"][name]
    assert service["command"] == [f"services.{name.replace('-', '_')}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    waits = {on: condition["condition"] for on, condition in service["depends_on"].items()}
    assert waits == {
        "kafka": "service_healthy",
        "mongo": "service_healthy",
        "keys": "service_completed_successfully",
    }


def test_the_image_reads_only_the_services_part_of_the_lock() -> None:
    shipped, _, added = (ROOT / "requirements.lock").read_text().partition("# --- development only")
    assert "aiokafka==" in shipped
    assert "pytest==" in added
    assert "fiftyone" not in shipped
    assert "sed '/^# --- development only/,$d' requirements.lock" in (ROOT / "Dockerfile").read_text()
