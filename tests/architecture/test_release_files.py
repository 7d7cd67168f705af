import configparser
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from blauweknop import __version__
from blauweknop.adapters.scheme_settings import load_scheme
from tests.suites import PROJECT

_CLUSTER = PROJECT / "deploy" / "kubernetes"
ROLES = sorted(path.stem for path in _CLUSTER.glob("*.yaml"))
UNITS = sorted(unit for unit in (PROJECT / "deploy" / "systemd").iterdir() if unit.is_file())


def cluster_objects(role: str, kind: str) -> list[Mapping[str, Any]]:
    objects = yaml.safe_load_all((_CLUSTER / f"{role}.yaml").read_text(encoding="utf-8"))
    return [item for item in objects if item["kind"] == kind]


def pod_of(role: str) -> Mapping[str, Any]:
    (deployment,) = cluster_objects(role, "Deployment")
    pod: Mapping[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def containers_of(role: str) -> list[Mapping[str, Any]]:
    pod = pod_of(role)
    return [*pod.get("initContainers", ()), *pod["containers"]]


def service_of(unit: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as configparser documents it: names keep their capitals
    parser.read_string(unit.read_text("utf-8"))
    return parser["Service"]


def test_every_file_that_names_the_version_names_the_same_one() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    public = yaml.safe_load((PROJECT / "publiccode.yml").read_text(encoding="utf-8"))

    assert project["project"]["version"] == public["softwareVersion"] == __version__
    for role in ROLES:
        assert {container["image"].rpartition(":")[2] for container in containers_of(role)} == {__version__}


def test_there_are_objects_for_who_gives_and_for_who_checks() -> None:
    assert ROLES == ["issuer", "verifier"]


@pytest.mark.parametrize("role", ROLES)
def test_cluster_objects_run_without_rights(role: str) -> None:
    pod = pod_of(role)

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in containers_of(role):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False


@pytest.mark.parametrize("role", ROLES)
def test_every_mounted_volume_is_there(role: str) -> None:
    volumes = {volume["name"] for volume in pod_of(role)["volumes"]}

    assert {mount["name"] for container in containers_of(role) for mount in container["volumeMounts"]} == volumes


def test_the_check_page_of_a_cluster_can_write_what_it_must_remember() -> None:
    (container,) = containers_of("verifier")
    (folder,) = (entry["value"] for entry in container["env"] if entry["name"] == "STATE_DIRECTORY")
    (mount,) = (mount for mount in container["volumeMounts"] if mount["mountPath"] == folder)
    (claim,) = (volume["persistentVolumeClaim"]["claimName"] for volume in pod_of("verifier")["volumes"] if volume["name"] == mount["name"])

    assert not mount.get("readOnly")
    assert [item["metadata"]["name"] for item in cluster_objects("verifier", "PersistentVolumeClaim")] == [claim]


def test_the_configuration_of_the_check_page_in_a_cluster_can_be_read(tmp_path: Path) -> None:
    (configuration,) = cluster_objects("verifier", "ConfigMap")
    for name, content in configuration["data"].items():
        (tmp_path / name).write_text(content, "utf-8")

    assert not load_scheme(tmp_path / "verifier.toml").is_exercise


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_write_in_one_folder_of_its_own(unit: Path) -> None:
    service = service_of(unit)

    assert (service["ProtectSystem"], service["DynamicUser"], service["NoNewPrivileges"]) == ("strict", "yes", "yes")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"


def test_the_check_page_may_limit_the_processes_that_read_files() -> None:
    unit = PROJECT / "deploy" / "systemd" / "blauweknop-verifier.service"
    service = service_of(unit)

    assert "@resources" not in unit.read_text("utf-8")
    assert service["RestrictNamespaces"] == "user net"
    assert "LoadCredential" not in service


def test_mijn_blauwe_knop_may_limit_the_processes_that_read_files_too() -> None:
    check_page = PROJECT / "deploy" / "systemd" / "blauweknop-verifier.service"
    more = (PROJECT / "deploy" / "systemd" / "blauweknop@holder.service.d" / "files.conf").read_text("utf-8")

    for setting in ("RestrictNamespaces", "SystemCallFilter"):  # an empty one takes away what was
        asked = [line for line in check_page.read_text("utf-8").splitlines() if line.startswith(setting)]
        assert [line for line in more.splitlines() if line.startswith(setting)] == [f"{setting}=", *asked]
