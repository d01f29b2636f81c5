"""Check that every relative link in every Markdown file leads to a file: python scripts/check_links.py [FOLDER]."""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import unquote

CODE = re.compile(r"^ *(```|~~~).*?^ *\1|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*<?([^\s>]+)", re.MULTILINE)
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#")

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[1])
root = parser.parse_args().folder
skipped = {"build", "dist", "runs", "node_modules"}
pages = [path for path in sorted(root.rglob("*.md")) if not any(
    part in skipped or part.startswith(".") for part in path.relative_to(root).parts
)]  # fmt: skip
links = [(page, one or two) for page in pages for one, two in LINK.findall(CODE.sub("", page.read_text("utf-8")))]
inside = [(page, unquote(link.partition("#")[0])) for page, link in links if not OUTSIDE.match(link)]
broken = [f"{page.relative_to(root)}: no file {link}" for page, link in inside if not (page.parent / link).exists()]
if broken:
    sys.exit("\n".join(broken))
print(f"{len(inside)} relative links in {len(pages)} Markdown files lead to files")
