"""A program that decides what it is told, line by line, until it is killed.

Its words are the folder of the store and that of the images. Each line it reads is a JSON object:
`{"do": "decide", "images": […], "change": {…}}`, `{"do": "undo"}` or `{"do": "redo"}`. It answers
with `saved` once the store has returned.
"""

import json
import sys
from pathlib import Path

from lesionviewer.core.store.store import SessionStore

store = SessionStore.open(Path(sys.argv[1]))
session = store.session_for([sys.argv[2]], reader="Ada")
sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "decide":
        session.decide(order["images"], order["change"])
    elif order["do"] == "undo":
        session.undo()
    else:
        session.redo()
    sys.stdout.write("saved\n")
    sys.stdout.flush()
