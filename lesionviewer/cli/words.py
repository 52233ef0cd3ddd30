"""Words from outside on the terminal."""


def shown(text: str) -> str:
    """Return `text` on one line, also where a file's name holds what is no text or steers."""
    whole = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "?" for sign in whole)
