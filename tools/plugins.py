"""Makes the archives that ``pulumi plugin install … --file`` wants, one for each platform.

That of the platform that it runs on needs no Python: it is frozen by PyInstaller. The others hold
the wheels of each version of Python, and need one of these on the machine.

    tools/plugins.py WHEEL FOLDER [PLATFORM...]
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

EXECUTABLE = "pulumi-resource-personalize"
#: What pip calls the platforms, by Pulumi's names.
PLATFORMS = {
    "linux-amd64": ["manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64"],
    "linux-arm64": ["manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"],
    "darwin-amd64": ["macosx_11_0_universal2", "macosx_10_13_x86_64", "macosx_10_9_universal2"],
    "darwin-arm64": ["macosx_11_0_universal2", "macosx_11_0_arm64", "macosx_10_9_universal2"],
    "windows-amd64": ["win_amd64"],
}
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
#: What the plugin imports, and what of it is compiled for each version of Python.
COMPILED = ["grpcio", "protobuf", "PyYAML"]
PURE = [
    "boto3",
    "botocore",
    "jmespath",
    "pulumi",
    "python-dateutil",
    "s3transfer",
    "six",
    "tenacity",
    "typing-extensions",
    "urllib3",
]
#: The services of which botocore's data are kept: these, and those that give credentials.
SERVICES = {"personalize", "sts", "sso", "sso-oidc"}
#: Beside the packages, which are the first that Python then searches, even with PYTHONSAFEPATH.
_FOUND = "import os\nimport sys\n\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\n"
_BESIDE = "from pulumi_personalize.native.__main__ import main\n\nmain()\n"
_START = f"""\
import os

# What the program starts, as a credential_process, has libraries of its own.
given = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
os.environ.pop("LD_LIBRARY_PATH", None)
if given is not None:
    os.environ["LD_LIBRARY_PATH"] = given

{_BESIDE}"""
#: For PyInstaller. Modules are files, which import faster than those of an archive, and its own
#: hooks, which import what the plugin does not use, are left out of the scripts.
_SPEC = f"""\
from PyInstaller.utils.hooks import collect_data_files, collect_submodules

analysis = Analysis(
    ["start.py"],
    pathex=["packages"],
    # Of the SDK it needs no more than the messages: see protocol.py. They are found as files.
    datas=[
        ("packages/pulumi/__init__.py", "pulumi"),
        ("packages/pulumi/runtime/proto", "pulumi/runtime/proto"),
        *collect_data_files("pulumi_personalize"),
    ],
    hiddenimports=["grpc", "boto3", *collect_submodules("google.protobuf")],
    excludes=["pulumi", "readline", "setuptools"],
    noarchive=True,
)
scripts = [script for script in analysis.scripts if script[0] == "start"]
program = EXE(PYZ(analysis.pure), scripts, exclude_binaries=True, name="{EXECUTABLE}")
COLLECT(program, analysis.binaries, analysis.datas, name="{EXECUTABLE}")
"""
_SHELL = """#!/bin/sh
# Pulumi's plugin, with the packages of Python 3.10 to 3.14 beside it.
here=$(cd -- "$(dirname -- "$0")" && pwd)
for python in "${PULUMI_PERSONALIZE_PYTHON:-python3}" \
  python3.14 python3.13 python3.12 python3.11 python3.10; do
  "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' 2>/dev/null &&
    exec "$python" "$here/lib/plugin.py" "$@"
done
echo "pulumi-resource-personalize: found no Python 3.10 to 3.14; set PULUMI_PERSONALIZE_PYTHON" >&2
exit 1
"""
_WINDOWS = """@echo off
if not defined PULUMI_PERSONALIZE_PYTHON set PULUMI_PERSONALIZE_PYTHON=python
"%PULUMI_PERSONALIZE_PYTHON%" "%~dp0lib\\plugin.py" %*
"""


def main() -> None:
    """Makes the archives that the command line asks for; by default, all."""
    wheel, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    version = wheel.name.split("-")[1]
    for name in sys.argv[3:] or PLATFORMS:
        with tempfile.TemporaryDirectory() as work:
            made = Path(work) / "made"
            (freeze if name == here() else lay_out)(wheel, made, name)
            trim(made)
            archive = folder / f"{EXECUTABLE}-v{version}-{name}.tar.gz"
            with tarfile.open(archive, "w:gz") as file:
                for path in sorted(made.iterdir()):
                    file.add(path, path.name)
            print(f"{archive.name}: {archive.stat().st_size / 1e6:.0f} MB", file=sys.stderr)


def here() -> str:
    """Returns Pulumi's name of this platform."""
    machines = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{platform.system().lower()}-{machines.get(platform.machine(), platform.machine())}"


def freeze(wheel: Path, made: Path, _: str) -> None:
    """Makes a program that brings its own Python."""
    work = made.parent
    packages, start, spec = work / "packages", work / "start.py", work / f"{EXECUTABLE}.spec"
    pip(packages, [str(wheel), *PURE, *COMPILED])
    start.write_text(_START)
    spec.write_text(_SPEC)
    mode = "--invalidation-mode=unchecked-hash"
    run([sys.executable, "-m", "compileall", "-q", mode, str(packages / "pulumi/runtime/proto")])
    run(
        [sys.executable, "-m", "PyInstaller", "--log-level=ERROR", "--noconfirm"],
        [f"--distpath={work / 'out'}", f"--workpath={work / 'build'}", str(spec)],
        PYTHONPATH=str(packages),
    )
    shutil.move(work / "out" / EXECUTABLE, made)
    licenses = {
        file: file.relative_to(packages).parts[0].partition("-")[0]
        for file in packages.glob("*.dist-info/**/LICENSE*")
    }
    # Python's own, which has those of the libraries that come with it.
    licenses |= dict.fromkeys(Path(os.__file__).parent.glob("LICENSE*"), "python")
    for licence, name in licenses.items():
        place = made / "licenses" / name
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(licence, place)


def lay_out(wheel: Path, made: Path, name: str) -> None:
    """Makes a folder with the wheels of all versions of Python, and a launcher."""
    pip(made / "lib", [str(wheel), *PURE], name)
    for version in PYTHONS:
        folder = made.parent / version
        pip(folder, COMPILED, name, version)
        shutil.copytree(folder, made / "lib", dirs_exist_ok=True)
    (made / "lib/plugin.py").write_text(_FOUND + _BESIDE)
    is_windows = name.startswith("windows")
    launcher = made / (f"{EXECUTABLE}.cmd" if is_windows else EXECUTABLE)
    launcher.write_text(_WINDOWS if is_windows else _SHELL, newline="\r\n" if is_windows else None)
    launcher.chmod(0o755)


def pip(folder: Path, packages: list[str], name: str = "", version: str = "3.10") -> None:
    """Installs packages into a folder, for a platform and Python; by default, for these."""
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--no-compile"]
    if name:
        options += ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}"]
        options += [f"--platform={one}" for one in PLATFORMS[name]]
    constraints = Path(__file__).parents[1] / "constraints.txt"
    options += [f"--target={folder}", f"--constraint={constraints}"]
    run([sys.executable, "-m", "pip", "install"], options, packages)


def trim(made: Path) -> None:
    """Removes what of the packages no plugin uses: most of it is data of botocore's services."""
    for data in [*made.rglob("botocore/data"), *made.rglob("boto3/data")]:
        for service in data.iterdir():
            if service.is_dir() and service.name not in SERVICES:
                shutil.rmtree(service)
    for folder in [*made.rglob("boto3/examples"), *made.rglob("bin")]:
        shutil.rmtree(folder)


def run(*command: list[str], **environment: str) -> None:
    """Runs a command, and shows what it says only if it fails."""
    parts = [part for parts in command for part in parts]
    done = subprocess.run(
        parts, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(parts[:4])} …:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
