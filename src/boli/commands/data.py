"""`boli data`: what is in a data set, and who."""

from boli.commands.arguments import DatasetName, Json, print_text


def check_data(dataset: DatasetName) -> None:
    """Check rows and card of a data set; say what is in it."""
    from boli.datasets import load_dataset

    found = load_dataset(dataset)
    rows = f"{len(found.train):,} train, {len(found.dev):,} dev, {len(found.test):,} test rows"
    source = f"{', '.join(found.card.languages)}; {found.card.licence}; sha256 {found.sha256}"
    print_text(f"{found.name}: {rows}; {source}\n")


def audit_data(dataset: DatasetName, as_json: Json = False) -> None:
    """Say who is in a data set and who is left out, and find repeats, leaks and empty cells."""
    from boli.datasets import audit_dataset, load_dataset

    found = audit_dataset(load_dataset(dataset))
    print_text(found.to_json() if as_json else "".join(f"{sentence}\n" for sentence in found.sentences))
