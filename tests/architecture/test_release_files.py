import tomllib

import yaml

from blauweknop import __version__
from tests.suites import PROJECT


def test_every_file_that_names_the_version_names_the_same_one() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    public = yaml.safe_load((PROJECT / "publiccode.yml").read_text(encoding="utf-8"))
    cluster = (PROJECT / "deploy" / "kubernetes" / "issuer.yaml").read_text(encoding="utf-8")

    assert project["project"]["version"] == public["softwareVersion"] == __version__
    assert f"blauweknop:{__version__}" in cluster


def test_cluster_objects_run_without_rights() -> None:
    objects = list(yaml.safe_load_all((PROJECT / "deploy" / "kubernetes" / "issuer.yaml").read_text(encoding="utf-8")))
    (deployment,) = (item for item in objects if item["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
