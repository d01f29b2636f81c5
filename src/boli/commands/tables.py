"""`boli tables`: rule tables for those who edit them."""

from boli.commands.arguments import Tables, print_text


def format_tables(files: Tables = None) -> None:
    """Fill in names or glyphs where one of the two is missing, and put the columns in order."""
    from boli.normalization import inspection

    changed = inspection.format_tables(files or inspection.find_tables())
    print_text("".join(f"formatted {path}\n" for path in changed) or "all tables were formatted already\n")


def check_tables(files: Tables = None) -> None:
    """Check that tables are formatted, load for every language and level, and keep every never-merge contract."""
    from boli.normalization import inspection

    paths = files or inspection.find_tables()
    count = inspection.check_tables(paths)
    print_text(f"{len(paths)} tables are formatted; {count} rule sets load and keep their contracts\n")
