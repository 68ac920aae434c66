"""The ways clerks write the same thing. Comes in: a clean value and a seeded stream; goes out: the text of a cell."""

from datetime import date
from random import Random

CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
DOTS = "·•．‧・"
EXCEL_EPOCH = date(1899, 12, 30)


def day(rng: Random, value: date | None, rate: float = 0.07) -> str:
    """A date, mostly ISO."""
    if value is None:
        return "/" if rng.random() < 0.05 else ""
    if rng.random() >= rate:
        return value.isoformat()
    forms = (
        f"{value:%Y%m%d}",
        f"{value:%Y%m%d}.0",
        f"{value.year}/{value.month}/{value.day}",
        f"{value.year}.{value.month}.{value.day}",
        str((value - EXCEL_EPOCH).days),
        f"{value.year}年{value.month}月{value.day}日",
        f"{value.year}年{value.month:02d}月",
        f"{value} 00:00:00",
        f"{str(value.year).translate(CHINESE)}年{value.month}月{value.day}日",
    )
    return rng.choice(forms)


def month(rng: Random, value: str) -> str:
    """A YYYYMM month of the national system."""
    if value and rng.random() < 0.02:
        return rng.choice((f"{value}.0", f"{value[:4]}年{value[4:]}月"))
    return value


def plain(amount: float) -> str:
    """A number without trailing zeros."""
    return f"{amount:.4f}".rstrip("0").rstrip(".")


def wan(rng: Random, yuan: int | None, rate: float = 0.06) -> str:
    """Yuan as 万元, the unit of the case cards."""
    if yuan is None:
        return ""
    text = plain(yuan / 10000)
    if rng.random() >= rate or yuan == 0:
        return text
    return rng.choice((f"约{text}万", f"{text}万元", text.translate(WIDE), f"{yuan}元"))


def yuan(rng: Random, amount: int, rate: float = 0.06) -> str:
    """Yuan, sometimes with separators, wide digits or as 万元."""
    if rng.random() >= rate:
        return str(amount)
    return rng.choice((f"{amount:,}.00", str(amount).translate(WIDE), f"{plain(amount / 10000)}万元", f"{amount}元"))


def number(rng: Random, text: str, rate: float = 0.03) -> str:
    """An ID that is right but untidy."""
    if not text or rng.random() >= rate:
        return text
    return rng.choice((f"'{text}", f"{text} ", f"{text}\t", f"{text}\n", text.lower(), text.replace("X", "Ｘ")))


def name(rng: Random, text: str, rate: float = 0.02) -> str:
    """A name with blanks, or with another of the five middle dots."""
    if "·" in text and rng.random() < 0.4:
        return text.replace("·", rng.choice(DOTS))
    if rng.random() >= rate:
        return text
    return rng.choice((f"{text[0]} {text[1:]}", f"{text[0]}　{text[1:]}", f"{text} "))


def flag(rng: Random, value: bool | None, rate: float = 0.08) -> str:
    """是/否 and their relatives; None is not known."""
    if value is None:
        return rng.choice(("", "不详", "暂无"))
    if rng.random() >= rate:
        return "是" if value else "否"
    return rng.choice(("Y", "1", "√", "有") if value else ("N", "0", "无", ""))


def injury(rng: Random, text: str, rate: float = 0.15) -> str:
    """重伤二级 in its spellings."""
    if len(text) != 4 or rng.random() >= rate:
        return text
    kind, grade = text[:2], text[2]
    arabic, roman = {"一": ("1", "Ⅰ"), "二": ("2", "Ⅱ")}[grade]
    return rng.choice((f"{kind}（{grade}级）", f"{kind}{roman}级", f"{kind}{arabic}级"))


def case_no(rng: Random, text: str, rate: float = 0.03) -> str:
    """Brackets get retyped."""
    if rng.random() >= rate:
        return text
    left, right = rng.choice(("〔〕", "【】", "()", "（）"))
    return text.replace("[", left).replace("]", right)


def charge(rng: Random, text: str, rate: float = 0.07) -> str:
    """The name of a crime, sometimes without 罪 at the end."""
    return text.removesuffix("罪") if rng.random() < rate else text


def header(rng: Random, text: str, rate: float = 0.05) -> str:
    """Column heads with line breaks, blanks and hard spaces in them."""
    if rng.random() >= rate or len(text) < 4:
        return text
    middle = len(text) // 2
    return rng.choice((f"{text[:middle]}\n{text[middle:]}", f" {text}", f"{text}\xa0", f"{text}　"))
