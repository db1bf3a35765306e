"""The container file, compose.yaml and the systemd unit start the register as they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from ruamel.yaml import YAML

from adapters.cli.common.errors import INVALID
from adapters.cli.publish.up import END_SECONDS
from adapters.settings import PREFIX, Settings
from tests import services
from tests.support.broker import Broker

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: Mapping[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
UNIT = (DEPLOY / "alliance.service").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SECONDS = 60.0
OURS = [name for name, told in COMPOSE["services"].items() if "build" in told]


def values_in(path: Path) -> dict[str, str]:
    """The settings of an environment file."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isupper()]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def filled(value: object, values: Mapping[str, str]) -> str:
    """A value of compose.yaml with those of .env in it."""
    return re.sub(r"\$\{(\w+):\?\}", lambda found: values[found[1]], str(value))


def directives(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def settings_of(environment: Mapping[str, str]) -> Settings:
    own = {k.removeprefix(PREFIX).lower(): v for k, v in environment.items() if PREFIX in k}
    return Settings.model_validate({"actor": "somebody", **own})


# --- what the files say ---------------------------------------------------------------------------


def test_every_value_of_compose_is_in_the_example_and_the_settings_fit_together() -> None:
    example = values_in(DEPLOY / "env.example")
    asked = set(re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text()))
    assert asked == set(example)
    for name in OURS:
        told = COMPOSE["services"][name]["environment"]
        settings = settings_of({n: filled(v, {**example}) for n, v in told.items()})
        assert settings.two_persons
        assert settings.address == ("0.0.0.0", 8414)  # noqa: S104
        assert settings.rates == (600, 60)


def test_passwords_have_no_default() -> None:
    example = values_in(DEPLOY / "env.example")
    assert {n for n, v in example.items() if not v} == {n for n in example if "PASSWORD" in n}


def test_services_wait_for_what_they_need_and_only_the_proxys_port_is_open() -> None:
    found = {n: set(t.get("depends_on", ())) for n, t in COMPOSE["services"].items()}
    order = list(TopologicalSorter(found).static_order())
    assert order[-3:] == ["setup-log", "setup", "register"] or order[-2:] == ["setup", "register"]
    assert found["setup"] == {"setup-log", "broker"}
    ports = {n: t.get("ports") for n, t in COMPOSE["services"].items() if "ports" in t}
    assert ports == {"register": ["127.0.0.1:8414:8414"]}
    for name, told in COMPOSE["services"].items():
        for volume in told.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).exists(), (name, volume)


def test_containers_unit_and_readme_run_the_same_commands() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "RUN make install\n" in dockerfile
    assert "make install" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert 'CMD ["alliance", "up"]' in dockerfile
    assert COMPOSE["services"]["register"]["command"] == "alliance up"
    assert directives("ExecStart") == ["/opt/alliance/.venv/bin/alliance up"]
    assert directives("ExecStartPre") == ["/opt/alliance/.venv/bin/alliance setup"]


def test_what_only_a_person_can_mend_is_not_started_again_and_none_is_killed_early() -> None:
    assert directives("RestartPreventExitStatus") == [f"2 {INVALID}"]
    assert float(directives("TimeoutStopSec")[0]) > END_SECONDS
    grace = COMPOSE["services"]["register"]["stop_grace_period"]
    assert float(grace.removesuffix("s")) > END_SECONDS


def test_the_units_settings_fit_together() -> None:
    settings = settings_of(values_in(DEPLOY / "register.env"))
    assert (settings.listen, settings.two_persons) == ("127.0.0.1:8414", True)
    (credential,) = directives("LoadCredential")
    name = credential.partition(":")[0]
    assert str(settings.oidc_secret_file) == f"/run/credentials/alliance.service/{name}"


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "alliance.service"
    unit.write_text(UNIT.replace("/opt/alliance/.venv/bin/", f"{BIN}/"))
    found = subprocess.run(
        [analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    told = [line for line in found.stderr.splitlines() if "alliance.service" in line]
    assert (found.returncode, told) == (0, [])


# --- the commands run -----------------------------------------------------------------------------


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A cluster of its own, since roles belong to the cluster; roles.sh made its database."""
    monkeypatch.delenv("ALLIANCE_TEST_POSTGRES_URL", raising=False)
    with services.postgres_server() as url:
        server = conninfo_to_dict(url)
        psql = shutil.which("psql") or next(BIN.parent.rglob("pginstall/bin/psql"))
        environment = {
            "PATH": f"{Path(psql).parent}:{os.environ['PATH']}",
            "PGHOST": str(server["host"]),
            "PGPORT": str(server["port"]),
            "DATABASE_OWNER_PASSWORD": "own'er",
            "DATABASE_SERVICE_PASSWORD": "service",
        }
        subprocess.run([DEPLOY / "roles.sh"], env=environment, check=True, capture_output=True)
        yield f"{server['host']}:{server['port']}"


def environment_of(
    name: str, database: str, broker: str, folder: Path, port: int
) -> dict[str, str]:
    """The environment of a service, with servers of this machine in place of containers."""
    secret = folder / "oidc.secret"
    secret.write_text("secret")
    passwords = {n: "of-no-use" for n in values_in(DEPLOY / "env.example") if "PASSWORD" in n}
    values = {**values_in(DEPLOY / "env.example"), **passwords}
    told = COMPOSE["services"][name]["environment"]
    found = {n: filled(v, values) for n, v in told.items()}
    here = {
        "ALLIANCE_DATABASE_URL": found["ALLIANCE_DATABASE_URL"].replace(
            "@database/", f"@{database}/"
        ),
        "ALLIANCE_BUS_URL": broker,
        "ALLIANCE_LISTEN": f"0.0.0.0:{port}",
        "ALLIANCE_OIDC_SECRET_FILE": str(secret),
    }
    return {"PATH": f"{BIN}:{os.environ['PATH']}", **found, **here}


def done(command: str, environment: Mapping[str, str], folder: Path) -> None:
    """Run a command that must succeed."""
    ran = subprocess.run(
        shlex.split(command),
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@contextmanager
def running(command: str, environment: Mapping[str, str], folder: Path) -> Generator[None]:
    """Run a command until it is asked to end, which it must do well."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            shlex.split(command), env=environment, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield
        process.terminate()
        assert process.wait(SECONDS) == 0, (folder / "log").read_text()
    finally:
        process.kill()
        process.wait()


def until(answer: Callable[[], Any]) -> Any:
    end = time.monotonic() + SECONDS
    while True:
        try:
            if found := answer():
                return found
        except httpx2.HTTPError:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(300)
def test_the_commands_of_compose_start_a_register_that_publishes(
    database: str, own_broker: Broker, tmp_path: Path
) -> None:
    port = services.free_port()
    told = {name: environment_of(name, database, own_broker.url, tmp_path, port) for name in OURS}
    for name in ("setup-log", "setup", "setup"):  # again, as after an update
        done(COMPOSE["services"][name]["command"], told[name], tmp_path)
    with running(COMPOSE["services"]["register"]["command"], told["register"], tmp_path):
        here = f"http://127.0.0.1:{port}"
        until(lambda: httpx2.get(f"{here}/health").status_code == 200)
        founding = ROOT / "records" / "toronto-2001" / "founding.yaml"
        done(f"alliance record {shlex.quote(str(founding))}", told["register"], tmp_path)

        def published() -> bool:
            ready = httpx2.get(f"{here}/ready").json()
            behind = {f["follower"]: f["behind"] for f in ready["followers"]}
            return bool(ready["position"]) and behind["relay"] == 0

        until(published)
        page = httpx2.get(f"{here}/partnerships", headers={"accept": "text/html"})
        assert page.headers["location"] == "/sign-in?back=/partnerships"
    done("alliance bus remove", told["register"], tmp_path)
    service = re.sub(r"//(\w+):.*@", r"//\1@", told["register"]["ALLIANCE_DATABASE_URL"])
    with (
        psycopg.connect(service) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM stored_events")
