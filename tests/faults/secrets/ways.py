"""Two hundred ways to print a secret: how it is written, and where to.

Each is the source of a cell. ``S`` is the secret, ``write`` and ``to`` are
functions of its first cell.
"""

from __future__ import annotations

__all__ = ["ENDS", "FIRST", "FORMS", "PLACES", "cell"]

#: What all notebooks begin with. The secret is in no source.
FIRST = """
import base64, html, json, os, sys, time, urllib.parse
from IPython.display import display, clear_output
from comm import create_comm
S = json.load(open("given.json"))[{number}]
def shown(data, **options):
    display(data, raw=True, **options)
def state(value):
    return {{"_model_name": "LabelModel", "_model_module": "m", "value": value}}
"""

#: How it is written -> an expression.
FORMS = {
    "as it is": "S",
    "behind letters": "'X_' + S",
    "among words": "f'The value is {S}, as it was.'",
    "in a repr behind a line": "repr('a line\\n' + S)",
    "in a repr": "repr([S, {'key': S}])",
    "as bytes": "repr(S.encode())",
    "behind a colour": "f'\\x1b[32m{S}\\x1b[0m'",
    "behind colours of 256": "f'\\x1b[1;38;5;208m{S}\\x1b[0m'",
    "with a colour in it": "S[:9] + '\\x1b[1m' + S[9:] + '\\x1b[0m'",
    "each letter coloured": "''.join(f'\\x1b[3{i % 8}m{c}' for i, c in enumerate(S))",
    "with colours, as repr": "repr('\\x1b[32m' + S[:7] + '\\x1b[0m' + S[7:])",
    "as a window's title": "f'\\x1b]0;{S}\\x07'",
    "with unseen characters": "'\\u200b'.join(S)",
    "as JSON": "json.dumps({S: [S]})",
    "as JSON in JSON": "json.dumps(json.dumps([S]))",
    "as escapes": "''.join(f'\\\\u{ord(c):04x}' for c in S)",
    "as other escapes": "''.join(f'\\\\x{ord(c):02x}' for c in S)",
    "for HTML": "html.escape(S)",
    "as entities": "''.join(f'&#{ord(c)};' for c in S)",
    "in elements": "f'<b>{html.escape(S[:5])}</b><i>{html.escape(S[5:])}</i>'",
    "for a URL": "urllib.parse.quote(S, safe='')",
    "for a URL, all": "''.join(f'%{ord(c):02X}' for c in S)",
    "as base64": "base64.b64encode(S.encode()).decode()",
    "in base64": "base64.b64encode(b'user:' + S.encode() + b';').decode()",
    "in base64 in lines": "base64.encodebytes(b'a ' * 35 + S.encode()).decode()",
    "in base64 for URLs": "base64.urlsafe_b64encode(b'ab' + S.encode()).decode()",
    "in hexadecimal": "S.encode().hex()",
}

#: Where to -> statements, of which ``V`` is the expression.
PLACES = {
    "stdout": "print(V)",
    "stderr": "print(V, file=sys.stderr)",
    "split writes": (
        "v = V\nfor i in range(0, len(v), 1 + len(v) // 3):\n"
        "    sys.stdout.write(v[i:i + 1 + len(v) // 3]); sys.stdout.flush()\n"
        "print()"
    ),
    "a result": "V",
    "HTML": "shown({'text/html': f'<p>{V}</p>', 'text/plain': 'x'})",
    "SVG": "shown({'image/svg+xml': f'<svg><text>{V}</text></svg>'})",
    "JSON": "shown({'application/json': {'a': [1, {'b': V}]}})",
    "a key of JSON": "shown({'application/json': {V: 1}})",
    "a MIME type": "shown({V: 'x', 'text/plain': 'y'})",
    "metadata": "shown({'text/plain': 'x'}, metadata={'k': {V: V}})",
    "an update": (
        "h = display('x', display_id=True)\n"
        "h.update({'text/plain': V}, raw=True)"
    ),
    "an exception": "raise ValueError(V)",
    "a name of an exception": "raise type(V.replace(chr(0), ''), (Exception,), {})('x')",
    "a widget": (
        "create_comm(target_name='jupyter.widget', data={'state': state(V)})"
    ),
    "a message of a widget": (
        "c = create_comm(target_name='jupyter.widget',"
        " data={'state': state('x')})\n"
        "c.send({'method': 'update', 'state': {'value': V, 'k': {V: 1}}})"
    ),
}

#: How a notebook ends that tells a secret with its last words.
ENDS = {
    "fails": "raise RuntimeError(V)",
    "fails far down": (
        "def f(v):\n    raise KeyError(v)\n"
        "try:\n    f(V)\nexcept KeyError as e:\n    raise OSError(V) from e"
    ),
    "dies": "os.write(2, (V + '\\n').encode())\ntime.sleep(.3)\nos._exit(3)",
    "asks to be skipped": "import unittest\nraise unittest.SkipTest(V)",
    "does not end": "print(V, flush=True)\ntime.sleep(60)",
    "prints too much": (
        "for i in range(300):\n    sys.stdout.write('.' * 999 + V)\n"
        "    sys.stdout.flush()\nprint('\\n' + V, flush=True)\ntime.sleep(60)"
    ),
}


def cell(statements: str, form: str) -> str:
    """Return the source of a cell."""
    return statements.replace("V", f"({FORMS[form]})")
