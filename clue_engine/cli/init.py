"""init: an office folder with its settings, a copy of the rule pack, and places for exports, lists and the ledger."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason

TargetArgument = Annotated[Path, typer.Argument(metavar="目录", help="放在哪里，不能已经存在")]
RulesOnlyOption = Annotated[bool, typer.Option("--rules-only", help="只要规则包的一份拷贝", show_default=False)]

CONFIG = """# 办公目录的设置。在这个文件夹里运行 clue-engine，不必再写选项；命令里写了的选项优先。
# 现在用的是哪些值、从哪里来：clue-engine config show
# 路径从这个文件所在的文件夹算起。

[office]
name = ""     # 移送单位，写在函上，如 "某县人民检察院"
contact = ""  # 联系人
phone = ""    # 联系电话
stamp = ""    # 落款；不写则用移送单位

[paths]
inputs = ["数据"]                  # 导出表放在这里
out = "线索"                       # 线索清单写到这里
rules = "规则"                     # 本地的规则包，可以修改
parameters = "本县口径.yaml"       # 本县的收入线等；没有写的按不知道处理
ledger = "台账/线索台账.sqlite"    # 线索台账：编号、移送、反馈、办结，长期保存
holidays = "节假日.yaml"           # 规则包里没有的年份补写在这里

# 接收单位：match 是清单“建议承办单位、抄送单位”里的词，可以写几个；days 是反馈期限（工作日），不写则按线索方向。
[receivers."控告申诉检察部门"]
match = ["控告申诉检察"]
days = 10

[receivers."民事检察部门"]
match = ["民事检察"]
days = 10

[receivers."未成年人检察部门"]
match = ["未成年人检察"]
days = 10

[receivers."农业农村局"]
match = ["农业农村"]
days = 15

[receivers."民政局"]
match = ["民政"]
days = 10

[receivers."残疾人联合会"]
match = ["残联", "残疾人联合会"]
days = 10

[receivers."教育局"]
match = ["教育"]
days = 10

[receivers."妇女联合会"]
match = ["妇联", "妇女联合会"]
days = 10

[receivers."医疗保障局"]
match = ["医保", "医疗保障"]
days = 10

[receivers."人力资源和社会保障局"]
match = ["人社", "人力资源社会保障"]
days = 10

[receivers."退役军人事务局"]
match = ["退役军人"]
days = 10

[retention]
# days = 1095   # 工作区、清单、移送件在扫描之后保存多少天；写了以后 clue-engine purge 才清理，台账不清理
"""
PARAMETERS = """# 本县口径。写法和全部参数见 规则/parameters/policy.yaml。写好一行，去掉行首的 # 和空格。
# 防返贫监测范围_元每人每年: {2025: 9000}     # 2025年1月1日起；以后哪一年变了，在后面加 , 2026: 9300
"""
HOLIDAYS = """# 规则包（规则/calendar/holidays.yaml）里没有的年份，照国务院办公厅的通知补写在这里，如：
# 2027:
#   source: 国务院办公厅关于2027年部分节假日安排的通知
#   holidays:
#     - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
#   workdays: []
"""
FILES = {"clue.toml": CONFIG, "本县口径.yaml": PARAMETERS, "节假日.yaml": HOLIDAYS}


def init_command(target: TargetArgument = Path("办公目录"), rules_only: RulesOnlyOption = False) -> None:
    """建立办公目录：设置 clue.toml、本地的规则包、节假日和本县口径文件，放数据和台账的文件夹。

    例：
      clue-engine init 司法救助
      clue-engine init 我的规则 --rules-only
    """
    from clue_engine.pack.load import default_root

    if target.exists():
        raise ClueError("CE-U07", "目录已经存在，没有覆盖", place=str(target), hint="换一个目录名")
    try:
        if rules_only:
            shutil.copytree(default_root(), target)
        else:
            _office(target, default_root())
    except OSError as error:
        raise ClueError(
            "CE-S28",
            f"不能写入（{system_reason(error.errno)}）",
            place=str(target),
            hint="换一个有写权限的目录",
            exit_code=EXIT_STORAGE,
        ) from None
    if rules_only:
        print(f"规则包已复制到 {target}")
        print(f"下一步：clue-engine rules check --rules {target}    clue-engine run 数据目录 --rules {target}")
        return
    print(f"办公目录在 {target}：先在 clue.toml 里写单位和联系人，把导出表放进 {target / '数据'}")
    print("本县的收入线写进 本县口径.yaml（去掉行首的 #，改成本县的数）；不写的，用到它的规则说不清")
    print(f"下一步：cd {target}    clue-engine config show    clue-engine run")


def _office(target: Path, pack: Path) -> None:
    target.mkdir(mode=0o700, parents=True)
    for name in ("数据", "台账"):
        (target / name).mkdir(mode=0o700)
    shutil.copytree(pack, target / "规则")
    for name, text in FILES.items():
        (target / name).write_text(text, encoding="utf-8")
