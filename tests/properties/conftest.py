"""Says how many cases ran."""

from generated import ASKED, RAN


def pytest_terminal_summary(terminalreporter):
    if ASKED:
        terminalreporter.write_line(f"{sum(RAN.values()):,} generated cases of {len(RAN)} properties")
