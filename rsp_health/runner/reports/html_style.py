"""The looks of the HTML report: screen, paper, light and dark."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--text:#1b1f24;--page:#fff;--line:#d0d7de;
--good:#1a7f37;--bad:#c62828;--warn:#9a6700;--mild:#57606a;--bar:#4c78a8;
--soft:#f3f5f7}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--page:#12161c;
--line:#3d444d;--good:#57ab5a;--bad:#ff7b72;--warn:#d4a72c;--mild:#9aa4af;
--bar:#79a9d9;--soft:#1c222a}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:1.5rem auto;
padding:0 1rem;color:var(--text);background:var(--page);
overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0}
h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
h3{font-size:1rem;margin:0}
p{margin:.3rem 0}
.lead{font-size:1.05rem}
.small{font-size:.85rem;color:var(--mild)}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.muted,.busy{color:var(--mild)}
.shares{display:flex;height:.7rem;margin:.6rem 0;border:1px solid var(--line);
print-color-adjust:exact}
.shares span{display:block}
.shares .good{background:var(--good)}.shares .bad{background:var(--bad)}
.shares .warn{background:var(--warn)}.shares .muted{background:var(--line)}
.fault{border-left:4px solid var(--bad);background:var(--soft);
padding:.5rem .8rem;margin:.6rem 0;break-inside:avoid-page}
.fault p,.fault ul{margin:.2rem 0}
.fault ul{padding-left:1.2rem}
pre{font-size:.8rem;white-space:pre-wrap;margin:.4rem 0 0}
table{border-collapse:collapse;width:100%}
caption{text-align:left}
th,td{text-align:left;font-weight:400;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid var(--line);vertical-align:top}
thead th{font-size:.85rem;color:var(--mild)}
.run tr>:last-child{text-align:right;white-space:nowrap;
font-variant-numeric:tabular-nums;padding-right:0;width:6.5rem}
.run tr>:first-child{width:7.5rem}
th{overflow-wrap:normal}
.s,.n{white-space:nowrap}
table:not(.run) td:first-child:not(.s){min-width:7rem}
tr{break-inside:avoid}
.run [style]{display:block;height:.35rem;margin-top:.2rem;background:var(--bar);
print-color-adjust:exact}
.shares,.run [style]{forced-color-adjust:none}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;
gap:.1rem .8rem;margin:0;font-size:.85rem;color:var(--mild)}
dd{margin:0}
summary{cursor:pointer}
@media(max-width:30rem){.run tr>:first-child{width:1.2rem}
.run th span,.run td:first-child span span{position:absolute;
width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.run tr>:last-child{width:4.5rem}}
@page{size:A4;margin:15mm}
@media print{:root{color-scheme:light;--text:#000;--page:#fff;--line:#bbb;
--good:#1a7f37;--bad:#b00020;--warn:#7a5200;--mild:#444;--bar:#4c78a8;
--soft:#f5f5f5}
body{font-size:10pt;margin:0;padding:0;max-width:none}
details:not([open]){display:none}
h2{break-after:avoid}}
"""
