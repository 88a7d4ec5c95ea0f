"""Writes the page's words in a made-up language, from right to left, every one of them marked."""

from pathlib import Path

from setback.experiments.scenes import Scene
from setback.page import languages, words
from setback.page.translations import SETTINGS, to_toml, word_of

#: Begins every word.
MARK = "⟦"


def made_up(scene: Scene, folder: Path) -> Path:
    """Write the words of a page of one scene to a file of the folder; give the file."""
    said = {key: f"{MARK}{text}⟧" for key, text in words.english((scene,)).items() if key not in SETTINGS}
    for key in [key for key in said if key.endswith(".one") and word_of(key, said) != key]:
        said |= {key.replace(".one", f".{category}"): said[key] for category in languages.categories("ar")}
    said["page.lang"] = "ar"
    said["names.list"] = ", ".join(f"{MARK}{name}⟧" for name in words.english()["names.list"].split(", "))
    file = folder / "made-up.toml"
    file.write_text(to_toml(said), encoding="utf-8")
    return file
