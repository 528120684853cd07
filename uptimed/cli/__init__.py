"""
The command line (DESIGN section 6).

Exit codes: 0 done, 1 the answer is no, 2 wrong use or bad configuration, 3 could not look. `--format json` is a promise to scripts.
Commands import what they need when they run, so that `uptimed --help` and the control commands answer at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

DONE, NO, WRONG_USE, COULD_NOT_LOOK = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="uptimed",
        description="Uptime monitoring, availability that can be defended, and a calm public status page.",
        epilog="Exit codes: 0 done, 1 the answer is no, 2 wrong use or bad configuration, 3 could not look.",
    )
    top.add_argument("--version", action="version", version=f"uptimed {version('uptimed')}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="check, record, judge, alert and serve the page, until told to stop")
    _takes_config(run)
    run.add_argument("--log", choices=("auto", "text", "json"), default="auto", help="form of the log lines")
    run.set_defaults(module="run")

    demo = commands.add_parser("demo", help="three sample products on this machine, with a switch that breaks each")
    demo.add_argument("--data", type=Path, help="keep the demo's data here (default: a temporary folder)")
    demo.add_argument("--port", type=int, default=8080, help="port of the status page; the next ones are used too (default 8080)")
    demo.set_defaults(module="demo")

    init = commands.add_parser("init", help="write a small configuration from a few URLs")
    init.add_argument("urls", nargs="+", metavar="URL", help="what to watch: https://www.example.com/health")
    init.add_argument("--name", default="", help="name of the status page (default: the first host)")
    init.add_argument("--output", type=Path, default=Path("uptimed.yaml"), help="file to write (default uptimed.yaml)")
    init.add_argument("--force", action="store_true", help="replace an existing file")
    init.set_defaults(module="init")

    validate = commands.add_parser("validate", help="look for every error in a configuration; exit 2 if there is one")
    validate.add_argument("config", nargs="?", type=Path, help="file (default: as for run)")
    validate.add_argument("--schema", action="store_true", help="print the JSON Schema of the file instead")
    validate.set_defaults(module="validate")

    check = commands.add_parser("check", help="run checks once and say what they saw")
    check.add_argument("ids", nargs="*", metavar="ID", help="product/component/check, or the beginning of it")
    check.add_argument("--all", action="store_true", help="every check of the file")
    _takes_config(check)
    _takes_format(check)
    check.set_defaults(module="check")

    availability = commands.add_parser("availability", help="how available each product was, with bounds")
    availability.add_argument("--at", metavar="T", help="as of this instant: 2026-11-24T12:00:00Z (default: now)")
    availability.add_argument("--as-known-at", metavar="T", help="without what people excluded, asserted or revoked after it")
    _takes_period(availability)
    availability.set_defaults(module="availability")

    _report(commands)

    replay = commands.add_parser("replay", help="the same figures from recorded results; nothing is kept")
    replay.add_argument("results", type=Path, metavar="RESULTS.jsonl", help="one JSON object a line; the README says which keys")
    replay.add_argument("--at", metavar="T", help="as of this instant (default: when the last result was received)")
    replay.add_argument("--log", action="store_true", help="say of each result that is no evidence which line it is, and why")
    _takes_period(replay)
    replay.set_defaults(module="replay")

    _import(commands)
    _incident(commands)
    _exclude(commands)
    _maintenance(commands)
    _proof(commands)
    _notify(commands)
    return top


def _import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    imports = commands.add_parser("import", help="take over the history of another monitor")
    kinds = imports.add_subparsers(dest="action", required=True, metavar="FROM")
    kuma = kinds.add_parser("kuma", help="Uptime Kuma 1.x or 2.x: its heartbeats, and checks for its monitors")
    kuma.add_argument("file", type=Path, metavar="F", help="kuma.db of its data folder; or a 1.x backup (monitors only)")
    kuma.add_argument(
        "--map", action="append", default=[], metavar="NAME=CHECK", help="this monitor is that product/component/check"
    )
    kuma.add_argument("--dry-run", action="store_true", help="only say what would be done")
    kuma.add_argument("--write-config", type=Path, metavar="FILE", help="write checks for the monitors that have none")
    _takes_config(kuma)
    _takes_format(kuma)
    imports.set_defaults(module="import_kuma")


def _report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = commands.add_parser("report", help="everything about a year or a month, for a customer: figures, outages, evidence")
    report.add_argument("--at", metavar="T", help="as of this instant (default: now)")
    report.add_argument("--year", type=int, metavar="Y", help="calendar year")
    report.add_argument("--month", type=int, choices=range(1, 13), metavar="1-12", help="a month of that year")
    report.add_argument("--product", help="only this one (default: all that were there)")
    report.add_argument("--language", choices=("en", "fr"), help="default: the first of the site")
    report.add_argument("--format", choices=("html", "json", "csv", "pdf"), default="html")
    report.add_argument("--output", metavar="FILE", help="file to write, for csv also a folder (default: standard output)")
    report.add_argument("--schema", action="store_true", help="print the JSON Schema of --format json instead")
    _takes_config(report)
    report.set_defaults(module="report")


def _incident(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    incident = commands.add_parser("incident", help="list, show, open, acknowledge, update and resolve incidents")
    incident.set_defaults(module="incident")
    actions = incident.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="open incidents, newest first")
    listing.add_argument("--all", action="store_true", help="those of the last 90 days too")
    show = actions.add_parser("show", help="one incident with its updates and outages")
    opening = actions.add_parser("open", help="open one by hand")
    opening.add_argument("components", nargs="+", metavar="PRODUCT/COMPONENT", help="what is affected")
    opening.add_argument("--severity", choices=("critical", "severe", "medium", "minor"), default="severe")
    opening.add_argument("--title", required=True, help="in English")
    opening.add_argument("--title-fr", help="in French")
    ack = actions.add_parser("ack", help="say that somebody is on it: the escalation ends")
    update = actions.add_parser("update", help="post a public update")
    update.add_argument("--stage", choices=("investigating", "identified", "monitoring", "resolved"))
    resolve = actions.add_parser("resolve", help="end it, with a public update")
    resolve.add_argument("--although-down", action="store_true", help="also while the checks still see something of it down")
    for one in (show, ack, update, resolve):
        one.add_argument("id", metavar="INC-YYYY-NNNN")
    for one in (opening, update, resolve):
        one.add_argument("--text", required=True, help="what the public reads, in English")
        one.add_argument("--text-fr", help="the same in French")
    for one in (listing, show, opening, ack, update, resolve):
        _takes_config(one)
        _takes_format(one)


def _notify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    notify = commands.add_parser("notify", help="try a channel")
    trials = notify.add_subparsers(dest="action", required=True, metavar="ACTION")
    test = trials.add_parser("test", help="send a test message, the way an alert goes")
    test.add_argument("channel", metavar="CHANNEL", help="a name under notify.channels")
    _takes_config(test)
    notify.set_defaults(module="notify")


def _exclude(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    exclude = commands.add_parser("exclude", help="take time out of the account, with a reason; evidence is never deleted")
    exclude.set_defaults(module="exclude")
    actions = exclude.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="exclude a stretch of a product or component, or assert what it was")
    add.add_argument("scope", metavar="SCOPE", help="product, or product/component")
    for name in ("--from", "--to"):
        add.add_argument(
            name, required=True, metavar="T", help="2026-11-24T12:00:00Z; without Z or an offset: the site's time zone"
        )
    add.add_argument("--assert", choices=("up", "degraded", "down"), help="count it as this, from other evidence, instead")
    add.add_argument("--clause", metavar="TEXT", help="the clause of the agreement under which")
    revoke = actions.add_parser("revoke", help="take one back; both stay on record")
    revoke.add_argument("id", metavar="ADJ-YYYY-NNNN")
    for one in (add, revoke):
        one.add_argument("--reason", required=True, metavar="TEXT", help="why; the public may read it")
        one.add_argument("--by", metavar="NAME", help="who decides (default: the login name); for staff only")
    listing = actions.add_parser("list", help="what was excluded and asserted, in the order it was made")
    listing.add_argument("--scope", metavar="S", help="only of this product or component, and of what is in it")
    listing.add_argument("--as-known-at", metavar="T", help="as it stood at this instant")
    for one in (add, revoke, listing):
        _takes_config(one)
        _takes_format(one)


def _maintenance(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    maintenance = commands.add_parser(
        "maintenance", help="announce, extend, finish and cancel planned work; nobody is called in it"
    )
    maintenance.set_defaults(module="maintenance")
    actions = maintenance.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="work that is on or to come; of what recurs the next two weeks")
    listing.add_argument("--all", action="store_true", help="what is over and what was cancelled, too")
    listing.add_argument("--scope", metavar="S", help="only of this product or component, and of what is in it")
    listing.add_argument("--as-known-at", metavar="T", help="as it stood at this instant")
    schedule = actions.add_parser("schedule", help="announce work on a product or component, on the page at once")
    schedule.add_argument("scope", metavar="SCOPE", help="product, or product/component")
    schedule.add_argument(
        "--from", required=True, metavar="T", help="2026-11-28T02:00:00Z; without Z or an offset: the site's time zone"
    )
    schedule.add_argument("--repeat", metavar="RRULE", help="FREQ=WEEKLY;BYDAY=SU, in the site's time zone, from --from on")
    schedule.add_argument("--title", required=True, help="what is done, in English")
    schedule.add_argument("--title-fr", help="the same in French")
    schedule.add_argument("--text", help="what will not work meanwhile, in English")
    schedule.add_argument("--text-fr", help="the same in French")
    extend = actions.add_parser("extend", help="let it last longer; the added time needs a notice of its own")
    finish = actions.add_parser("finish", help="it is done, earlier than announced")
    cancel = actions.add_parser("cancel", help="it does not take place, or ends at once; a series: all to come")
    for one in (schedule, extend):
        one.add_argument("--to", required=True, metavar="T", help="its end")
    for one in (extend, finish, cancel):
        one.add_argument("id", metavar="MW-YYYY-NNNN[@DAY]")
    for one in (schedule, extend, finish, cancel):
        one.add_argument("--by", metavar="NAME", help="who decides (default: the login name); for staff only")
    for one in (listing, schedule, extend, finish, cancel):
        _takes_config(one)
        _takes_format(one)


def _proof(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What keeps the record safe, and shows that it is true."""
    backup = commands.add_parser("backup", help="copy the database while the daemon runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="the copy; must not exist yet")
    _takes_config(backup)
    backup.set_defaults(module="backup")
    rebuild = commands.add_parser("rebuild", help="derive everything again from the evidence, and put right what differs")
    rebuild.add_argument("--check", metavar="ID", help="only this one: product/component/check")
    rebuild.add_argument("--dry-run", action="store_true", help="only look; exit 1 when something differs")
    _takes_config(rebuild)
    rebuild.set_defaults(module="rebuild")
    export = commands.add_parser("export-evidence", help="a year's results, contracts, seals and figures as one file")
    export.add_argument("--year", type=_year, required=True)
    export.add_argument("--output", type=Path, metavar="FILE", help="default: uptimed-evidence-YEAR.zip; must not exist yet")
    export.add_argument("--at", metavar="T", help="figures of a year that goes on are as of this instant (default: now)")
    _takes_config(export)
    export.set_defaults(module="export_evidence")
    verify = commands.add_parser(
        "verify", help="recompute every figure from the results, and check the seals; exit 1 if one differs"
    )
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="of export-evidence; needs no database and no network")
    verify.add_argument("--year", type=_year, help="instead: what is stored here")
    _takes_config(verify)
    verify.set_defaults(module="verify")


def _takes_period(command: argparse.ArgumentParser) -> None:
    command.add_argument("--year", type=_year, help="calendar year (default: that of --at)")
    command.add_argument("--month", type=int, choices=range(1, 13), metavar="1-12", help="a month of that year")
    command.add_argument("--product", help="only this one")
    _takes_config(command)
    _takes_format(command)


def _year(text: str) -> int:
    if not text.isdecimal() or not 1970 <= int(text[:9]) <= 9000:
        raise argparse.ArgumentTypeError(f"{text!r} is no year that has an account; write one from 1970 to 9000")
    return int(text)


def _takes_config(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, metavar="F", help="default: $UPTIMED_CONFIG, else ./uptimed.yaml")


def _takes_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text")


def config_path(given: Path | None) -> Path:
    return given or Path(os.environ.get("UPTIMED_CONFIG") or "uptimed.yaml")


def complain(*sentences: object) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    command = importlib.import_module(f"uptimed.cli.{args.module}")
    try:
        return int(command.main(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
