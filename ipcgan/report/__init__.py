"""Numbers and faces -> tables, plots and pictures; nothing here computes a figure."""

from ipcgan.report.evaluation_report import to_markdown
from ipcgan.report.html import from_markdown, frontier_plots, page, picture, to_html
from ipcgan.report.pictures import blocks_for, contact_sheet, with_label
from ipcgan.report.plots import draw_curves, draw_plots, draw_trade_off, svg
from ipcgan.report.tables import markdown_table, without_nan

__all__ = [
    "blocks_for",
    "contact_sheet",
    "draw_curves",
    "draw_plots",
    "draw_trade_off",
    "from_markdown",
    "frontier_plots",
    "markdown_table",
    "page",
    "picture",
    "svg",
    "to_html",
    "to_markdown",
    "with_label",
    "without_nan",
]
