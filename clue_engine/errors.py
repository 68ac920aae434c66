"""The errors a user can mend: each has a code, a place, a reason and a next step, and says its exit code.

Nothing here ever carries a value of a person; a message names file, sheet, row, column or rule line instead.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

EXIT_OK, EXIT_PROBLEMS, EXIT_USAGE, EXIT_PARTLY, EXIT_BUSY, EXIT_STORAGE = 0, 1, 2, 3, 4, 5
EXIT_BUG = 70  # an error of the program itself: EX_SOFTWARE of sysexits
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143  # Ctrl-C; SIGTERM or the terminal closed

_REASONS = {
    errno.ENOSPC: "磁盘空间不足", errno.EDQUOT: "磁盘配额用完", errno.EFBIG: "文件太大", errno.EIO: "磁盘读写出错",
    errno.EACCES: "没有权限", errno.EPERM: "不允许这样做", errno.EROFS: "磁盘只读", errno.ENOENT: "找不到",
    errno.EEXIST: "已经存在", errno.ENOTDIR: "不是目录", errno.EISDIR: "是一个目录", errno.ENAMETOOLONG: "名字太长",
    errno.ENOTEMPTY: "目录不空", errno.EBUSY: "正在使用", errno.ELOOP: "链接绕圈",
}  # fmt: skip

Level = Literal["error", "warning", "note"]


def system_reason(number: int | None) -> str:
    """Why the system refused, in words; its own are English."""
    return _REASONS.get(number or 0) or os.strerror(number or 0)


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a text file: path as the user named it, line and column counted from 1 in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a pack file: what is wrong at ``mark`` over ``length`` characters, and what to do (``hint``)."""

    code: str
    level: Level
    message: str
    mark: Mark
    length: int = 1
    hint: str = ""
    source_line: str = field(default="", compare=False)


class ClueError(Exception):
    """Something the user can mend. ``place`` names file, sheet, row or option; ``hint`` is the next step."""

    def __init__(self, code: str, message: str, *, place: str = "", hint: str = "", exit_code: int = EXIT_USAGE):
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        head = f"{self.code} {self.place} {self.message}" if self.place else f"{self.code} {self.message}"
        return f"{head}\n  下一步：{self.hint}" if self.hint else head


def disk_failed(place: object, what: str) -> ClueError:
    """The disk did not confirm a write: it may be on the disk or not, so all of this step is taken back."""
    return ClueError(
        "CE-S33",
        f"磁盘读写出错，{what}",
        place=str(place),
        hint="检查磁盘（U 盘、网络盘是否断开），换到可靠的磁盘上，再运行同一条命令；原有结果没有改动",
        exit_code=EXIT_STORAGE,
    )


class Problems(ClueError):
    """Everything that is wrong with a pack, all at once."""

    def __init__(self, diagnostics: Sequence[Diagnostic], *, exit_code: int = EXIT_PROBLEMS):
        self.diagnostics = list(diagnostics)
        n_errors = sum(d.level == "error" for d in self.diagnostics)
        super().__init__(
            "CE000",
            f"规则包有 {n_errors} 处错误",
            hint="按上面逐条修改后再运行 clue-engine rules check",
            exit_code=exit_code,
        )
