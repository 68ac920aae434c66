"""LibreOffice, where it is installed: opens and saves files as an office would. Tests skip where it is missing."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice") or ""
needs_office = pytest.mark.skipif(
    not SOFFICE, reason="LibreOffice (soffice) is not installed: nothing was opened in it"
)
_OPEN = """
import sys, time, uno
from com.sun.star.beans import PropertyValue
name, url, target, password = sys.argv[1:]
def prop(key, value):
    found = PropertyValue(); found.Name = key; found.Value = value
    return found
resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
for _ in range(120):
    try:
        office = resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.5)
desktop = office.ServiceManager.createInstance("com.sun.star.frame.Desktop")
try:
    book = desktop.loadComponentFromURL(url, "_blank", 0, (prop("Hidden", True), prop("Password", password)))
    if book is None:
        sys.exit(3)
    book.storeToURL(target, (prop("FilterName", "Calc MS Excel 2007 XML"),))
    book.close(True)
finally:
    try:
        desktop.terminate()
    except Exception:
        pass
"""


@cache
def _profile() -> Path:
    """One for all files that this process opens: making it takes longer than opening most of them."""
    folder = Path(tempfile.mkdtemp(prefix="clue-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def convert(path: Path, form: str, folder: Path) -> Path:
    """The file in another form (xlsx, csv:"…", pdf), as LibreOffice opens and saves it."""
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--convert-to", form,
         "--outdir", folder, path],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return folder / f"{path.stem}.{form.partition(':')[0]}"


@cache
def python_with_uno() -> str:
    """A Python that can speak with LibreOffice; empty where there is none."""
    for python in (shutil.which("python3", path="/usr/bin:/usr/local/bin") or "", shutil.which("python3") or ""):
        if python and subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    return ""


def open_locked(path: Path, password: str, folder: Path) -> Path | None:
    """The file opened in LibreOffice with a password and saved without one; None when it does not open."""
    target = folder / "opened.xlsx"
    name = f"clue{time.monotonic_ns()}"
    office = subprocess.Popen(
        [SOFFICE, f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--norestore",
         f"--accept=pipe,name={name};urp;"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        subprocess.run(
            [python_with_uno(), "-c", _OPEN, name, path.as_uri(), target.as_uri(), password], timeout=120, check=False
        )
        office.wait(timeout=30)
    finally:
        office.kill()
    return target if target.exists() else None
