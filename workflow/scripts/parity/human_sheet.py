"""A rater's page: one file that needs no server and sends nothing anywhere."""

from __future__ import annotations

from .human_scales import HIGH, LOW, SCALES, TIE
from .page import Section, embedded_data, read_part, render, whole_page

EXPORT_FORMAT = "parity-ratings-1"


def sheet_page(sheet: dict) -> str:
    """The page of a sheet that `human_draw.draw` made. It holds texts, letters and tokens, and nothing about methods."""
    scales = [{"name": name, **SCALES[name]} for name in sheet["scales"]]
    data = sheet | {"scales": scales, "format": EXPORT_FORMAT, "low": LOW, "high": HIGH, "tie": TIE}
    summaries = len(sheet["items"][0]["summaries"])
    counts = {
        "dialogues": len(sheet["items"]),
        "summaries": summaries,
        "judgements": sum(len(item["summaries"]) * len(scales) + len(item["pairs"]) for item in sheet["items"]),
        "has_pairs": any(item["pairs"] for item in sheet["items"]),
    }
    html = render("human_sheet.html.j2", scales=scales, low=LOW, high=HIGH, data=embedded_data("sheet", data), **counts)
    section = Section("rating", "Your ratings", html, style=read_part("human_sheet.css"), script=read_part("human_sheet.js"))
    return whole_page(f"Rating sheet of {sheet['rater']}", [section], has_contents=False)


def checksum(text: str) -> str:
    """FNV-1a of 64 bits over the text's UTF-8 bytes, as human_sheet.js computes it, in hexadecimal.

    It tells a file that was cut off or edited by hand from one that the page wrote. It is no signature: whoever wants to forge
    ratings can compute it again.
    """
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
