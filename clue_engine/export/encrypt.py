"""A workbook under a password: AES-256 with SHA-512 (ECMA-376 agile), as Excel, WPS and LibreOffice open it.

Comes in: the bytes of a workbook, a password. Goes out: encrypted bytes, or the workbook; plain text stays in memory.
"""

from __future__ import annotations

import io

SHORTEST, LONGEST, KINDS, DIFFERENT = 12, 64, 3, 8
STRENGTH = f"密码至少{SHORTEST}位，大写字母、小写字母、数字、符号至少{KINDS}种，不同的字符至少{DIFFERENT}个"


def weakness(password: str) -> str:
    """Why a password will not do, in words; empty when it will. Only what every keyboard can type."""
    if not (password.isascii() and password.isprintable()):
        return "密码只能用英文字母、数字和英文符号"
    if len(password) > LONGEST:
        return f"密码最多{LONGEST}位"
    if password != password.strip():
        return "密码的开头和末尾不能是空格"
    kinds = (str.isupper, str.islower, str.isdigit, lambda one: not one.isalnum())
    n_kinds = sum(any(kind(one) for one in password) for kind in kinds)
    strong = len(password) >= SHORTEST and n_kinds >= KINDS and len(set(password)) >= DIFFERENT
    return "" if strong else f"密码太弱：{STRENGTH}"


def encrypted(workbook: bytes, password: str) -> bytes:
    """The workbook encrypted, after it was opened again with the password and found the same, byte for byte."""
    from msoffcrypto.format.ooxml import OOXMLFile

    locked, opened = io.BytesIO(), io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, locked)
    again = OOXMLFile(io.BytesIO(locked.getvalue()))
    again.load_key(password=password, verify_password=True)
    again.decrypt(opened, verify_integrity=True)
    if opened.getvalue() != workbook:
        raise RuntimeError("an encrypted workbook does not open as it was")
    return locked.getvalue()


def opened(locked: bytes, password: str) -> bytes | None:
    """The workbook in an encrypted one; None when the password is another one. Raises ValueError for a damaged one."""
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
    from msoffcrypto.format.ooxml import OOXMLFile

    found = io.BytesIO()
    try:
        package = OOXMLFile(io.BytesIO(locked))
        package.load_key(password=password, verify_password=True)
        package.decrypt(found, verify_integrity=package.type == "agile")
    except InvalidKeyError as error:
        if "integrity" in str(error).lower():
            raise ValueError("damaged") from None
        return None
    except (DecryptionError, FileFormatError, ParseError, OSError, KeyError, IndexError) as error:
        raise ValueError("damaged") from error
    return found.getvalue()
