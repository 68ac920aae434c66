"""A few dozen files damaged by chance, always the same ones: each is told once, loaded whole or refused with one code.

The same as is done to thousands of files outside the tests; what those found stands in hostile_files.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile_files import HEAD, ROWS, TEXT, compound, xls, xlsx

from clue_engine.cli.app import main

SEED, EACH = 20_26, 6


def parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({h: [str(row[i]) for row in ROWS] for i, h in enumerate(HEAD)}), stream)
    return stream.getvalue()


def damaged() -> Iterator[tuple[str, bytes]]:
    """Names and contents: bits turned, ends cut off, parts of the package missing, empty, cut or spoilt."""
    rng = random.Random(SEED)
    bases = {"xlsx": xlsx(), "xls": xls(), "csv": TEXT.encode("gb18030"), "parquet": parquet()}
    bases["xls_"] = compound("EncryptionInfo", "EncryptedPackage")
    for kind, base in bases.items():
        for n in range(EACH):
            turned = bytearray(base)
            for _ in range(rng.choice([1, 4, 40])):
                turned[rng.randrange(len(turned))] ^= 1 << rng.randrange(8)
            yield f"翻{n}.{kind.strip('_')}", bytes(turned)
            yield f"截{n}.{kind.strip('_')}", base[: rng.randrange(1, len(base))]
    with zipfile.ZipFile(io.BytesIO(bases["xlsx"])) as package:
        parts = {entry.filename: package.read(entry) for entry in package.infolist()}
    for n, part in enumerate(parts):
        for how, body in {"空": b"", "半": parts[part][:200], "乱": rng.randbytes(200), "缺": None}.items():
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w") as package:
                for name, content in parts.items():
                    if name != part:
                        package.writestr(name, content)
                    elif body is not None:
                        package.writestr(name, body)
            yield f"件{n}{how}.xlsx", stream.getvalue()


def test_each_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = []
    for number, (name, content) in enumerate(damaged()):
        names.append(f"{number:03d}_{name}")
        (tmp_path / names[-1]).write_bytes(content)
    with pytest.raises(SystemExit) as left:
        main(["ingest", str(tmp_path), "-w", str(tmp_path.with_name(tmp_path.name + "_w")), "--json"])
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert left.value.code == 3 and "Traceback" not in err
    assert {f["name"] for f in found["files"]} == set(names)
    ends = Counter((f["name"], f["sheet"], f["status"]) for f in found["files"])
    assert all(n == 1 for (_, _, status), n in ends.items() if status != "skipped")
    refused = {f["name"]: f["reason"] for f in found["files"] if f["status"] == "refused"}
    assert all(reason.startswith("CE-") and not reason.startswith("CE-F17") for reason in refused.values())
    assert len(found["errors"]) == len(refused)
    for name in names:
        assert sum(name in error for error in found["errors"]) == (name in refused)
    assert all(f["n_read"] == f["n_loaded"] + f["n_rejected"] for f in found["files"])
