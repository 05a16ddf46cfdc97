"""Texts that must stay texts, wherever a person or a file can put them."""

from comparison_example import NETWORKS, example, pictures
from neocog.runs.comparison import Comparison

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "--><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><body onload='alert(1)",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=//example.invalid/>",
    "<link rel=stylesheet href=//example.invalid/x.css>",
    "<meta http-equiv=refresh content='0;url=//example.invalid/'>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "\u2028alert(1)\u2029\\u003cscript>",
    "]]><![CDATA[<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;script&#62;",
    "null\x00byte\x1b[31mred\u202egnp.exe\ud800",
)


def hostile_comparison(payload: str) -> Comparison:
    """A comparison with the payload in every place where text comes from outside."""
    return example(
        networks=[f"{name}{payload}" for name in NETWORKS],
        classes=[f"{payload}{i}" for i in range(10)],
        names=[f"{i}{payload}" for i in range(360)],
        data_name=payload,
        notes=[payload],
        skipped={f"{payload}.png": payload},
        failure=payload,
        failed=f"x{payload}",
        reason=payload,
        settings={payload: payload},
        made={payload: payload},
        pictures=pictures(90),
    )
