"""Command line: make the sample county with its answer key or, with --bulk, a big one for benchmarks."""

import argparse
from pathlib import Path

from .build import build
from .bulk import write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample_data.generator", description="生成虚构县样例数据")
    parser.add_argument("--out", type=Path, required=True, help="输出目录")
    parser.add_argument("--seed", type=int, default=7, help="随机种子,同一种子结果逐字节相同")
    parser.add_argument("--households", type=int, default=400, help="名册中的户数")
    parser.add_argument("--cases", type=int, default=170, help="案件数(--bulk 时不用)")
    parser.add_argument("--bulk", action="store_true", help="基准测试用:csv/parquet,不出答案")
    parser.add_argument("--persons", type=int, default=0, help="--bulk:人数,默认每户 4 人")
    parser.add_argument("--parties", type=int, default=4000, help="--bulk:涉案当事人数")
    parser.add_argument("--parquet", action="store_true", help="--bulk:名册写成 parquet 而不是 csv")
    args = parser.parse_args()
    if args.bulk:
        write(args.out, args.seed, args.households, args.persons or args.households * 4, args.parties, args.parquet)
    else:
        build(args.out, args.seed, args.households, args.cases)


if __name__ == "__main__":
    main()
