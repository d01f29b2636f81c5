"""Commands that use trained models: predict, explain, pipelines."""

from boli.commands.arguments import Engine, Files, Json, Name, Out, TextLang, print_text


def predict(
    pipeline: Name,
    files: Files = None,
    lang: TextLang = None,
    engine: Engine = "",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Label each line with a trained model."""
    from boli import pipeline as loaders
    from boli import streams
    from boli.listings import labels

    show = labels.show_predictions_json if as_json else labels.show_predictions
    streams.transform(show(loaders.load(pipeline, engine=engine), lang), files or (), out)


def explain(
    pipeline: Name,
    files: Files = None,
    lang: TextLang = None,
    engine: Engine = "",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Label each line and say why: each word is left out once."""
    from boli import pipeline as loaders
    from boli import streams
    from boli.listings import labels

    show = labels.show_reasons_json if as_json else labels.show_reasons
    streams.transform(show(loaders.load(pipeline, engine=engine), lang), files or (), out)


def pipelines(as_json: Json = False) -> None:
    """List the pipelines that are installed: size, languages, licence, scores."""
    from boli import pipeline, streams
    from boli.listings.labels import show_pipelines
    from boli.pipeline.plain import to_plain

    found = pipeline.pipelines()
    rows = (dict(one._asdict(), folder=str(one.folder), scores=to_plain(dict(one.scores))) for one in found)
    print_text(streams.json_lines(rows) if as_json else show_pipelines(found))
