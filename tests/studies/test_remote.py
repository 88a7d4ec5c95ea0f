"""Results at an address: in the memory of this process, and on a server that answers as S3 does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from command_line import said, setback

from setback.analysis.load import load
from setback.experiments.studies.folder import check, read_manifest, runs_of, state_of
from setback.experiments.studies.merge import merge
from setback.experiments.studies.parts import Part
from setback.experiments.studies.study import Study
from setback.experiments.studies.sweep import folder_of, run_study
from setback.model.errors import InputError
from setback.model.place import Address, Place, files, place_of
from setback.model.reading import read_bytes
from setback.model.writing import check as check_place
from setback.model.writing import write_bytes

TEXT = """
[study]
name = "far"
seed = 5
[policies]
grading = ["criterion", "curve"]
[worlds]
design = "lhs"
n = 3
vary = { level = [-1, 1] }
[rooms]
count = 9
size = 6
weeks = 6
[twins]
share = 0
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a study of nine tasks."""
    path = tmp_path_factory.mktemp("studies") / "far.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def study(file: Path) -> Study:
    """The study."""
    return Study.read(file).replace(engine="vectorised")


@pytest.fixture(scope="module")
def here(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its results on the disk."""
    folder = run_study(study, tmp_path_factory.mktemp("here"), processes=1)
    assert isinstance(folder, Path)
    return folder


@pytest.fixture
def memory(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A folder of all results in the memory of this process, which is emptied."""
    pytest.importorskip("fsspec")
    place = place_of(f"memory://{request.node.name}/results")
    yield place
    assert isinstance(place, Address)
    place.system.store.clear()


def tables(folder: Place) -> dict[str, bytes]:
    """Every Parquet file of a run, and every record."""
    names = [name for name in files(folder) if name.endswith(".parquet") or name.startswith("tasks/")]
    return {name: read_bytes(folder / name, name) for name in names}


def test_what_an_address_is() -> None:
    """A text with a kind before it; anything else is a path. What names nothing is refused in a sentence."""
    pytest.importorskip("fsspec")
    assert place_of("results") == Path("results") and place_of(Path("a")) == Path("a")
    assert place_of("file:///tmp/results") == Path("/tmp/results")
    place = place_of("memory://bucket/results/")
    assert isinstance(place, Address) and str(place) == "memory://bucket/results" and place_of(place) is place
    below = place / "rigor" / Path("a/b.json")
    assert str(below) == "memory://bucket/results/rigor/a/b.json"
    assert (below.name, below.suffix, str(below.parent)) == ("b.json", ".json", "memory://bucket/results/rigor/a")
    for text, why in {
        "nonsense://a/b": "nonsense://a/b is no address that fsspec knows",
        "s3://": "s3:// names no folder; name one as s3://bucket/folder",
        "://a": "://a names no folder",
    }.items():
        with pytest.raises(InputError, match=why):
            place_of(text)
    with pytest.raises(TypeError):
        os.fspath(place)  # type: ignore[call-overload]


def test_what_reaches_an_address_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sentence says what to type, and the command line ends with 2."""
    for missing in ("fsspec.core", "s3fs"):
        monkeypatch.setitem(sys.modules, missing, None)
        words = said(setback("status", "--results", "s3://bucket/results"))
        assert words.endswith('those for s3:// come with pip install -e ".[remote]"')
        monkeypatch.undo()


def test_one_door_for_paths_and_addresses(memory: Place, tmp_path: Path) -> None:
    """Both are read, written, listed and taken away alike."""
    for folder in (memory, tmp_path / "results"):
        folder.mkdir(exist_ok=True)
        assert files(folder) == {}
        write_bytes(folder / "b", b"1")
        write_bytes(folder / "b", b"12")
        (folder / "a").mkdir(exist_ok=True)
        write_bytes(folder / "a" / "c.x", b"123")
        assert files(folder) == {"a/c.x": 3, "b": 2}
        assert read_bytes(folder / "b", "b") == b"12"
        assert [place.name for place in folder.glob("a/*.x")] == ["c.x"]
        assert (folder / "b").exists() and folder.is_dir() and not (folder / "b").is_dir()
        with pytest.raises(InputError, match="is there already"):
            write_bytes(folder / "b", b"", new=True)
        with pytest.raises(InputError, match="b has more than 1 bytes"):
            read_bytes(folder / "b", "b", 1)
        with pytest.raises(InputError, match="nothing cannot be read"):
            read_bytes(folder / "nothing", "nothing")
        check_place(folder / "d", new=True)
        (folder / "b").unlink()
        (folder / "b").unlink(missing_ok=True)
        with pytest.raises(FileNotFoundError):
            (folder / "b").unlink()
        assert files(folder) == {"a/c.x": 3}


def test_a_run_in_memory(study: Study, memory: Place, here: Path) -> None:
    """Has the same bytes as one on the disk, is read alike, and says that nobody is kept out."""
    heard: list[str] = []
    folder = run_study(study, memory, processes=1, say=heard.append)
    assert heard == [f"{folder} lies where there are no locks; see that no other run writes there"]
    assert tables(folder) == tables(here)
    found, there = load(memory / "far"), load(here)
    pd.testing.assert_frame_equal(found.outcomes, there.outcomes)
    pd.testing.assert_frame_equal(pd.concat(found.in_parts()), pd.concat(there.in_parts()))
    assert found.dataset().count_rows() == len(there.rows)
    assert {place.name for place in found.write()} == {"summary.csv", "worlds.png"}
    assert "summary.csv" in files(folder) and not load(folder).state.foreign
    assert run_study(study, memory, processes=1, say=heard.append) == folder and len(heard) == 1


def test_nothing_there_is_trusted(study: Study, memory: Place, here: Path) -> None:
    """What was changed or taken away at an address is found and made anew; what is strange is named."""
    folder = run_study(study, memory, processes=1, say=lambda _: None)
    write_bytes(folder / "outcomes/00002.parquet", b"changed")
    (folder / "tasks/00004.json").unlink()
    write_bytes(folder / "strange.txt", b"?")
    state = check(folder, read_manifest(folder))
    assert state.done == (0, 1, 3, 5, 6, 7, 8)
    assert set(state.damaged) == {"outcomes/00002.parquet", "tasks/00002.json"} and state.foreign == ("strange.txt",)
    heard: list[str] = []
    run_study(study, memory, processes=1, say=heard.append)
    assert tables(folder) == tables(here)
    assert any("made anew" in text for text in heard) and any("strange.txt" in text for text in heard)


def test_parts_at_an_address(study: Study, memory: Place, here: Path, tmp_path: Path) -> None:
    """Are run there beside one another, and merged with what lies on the disk."""
    for number in (1, 2):
        run_study(study, memory, processes=1, part=Part(number, 3), say=pytest.fail, command=str(number))
    third = run_study(study, tmp_path, processes=1, part=Part(3, 3))
    folder = merge([folder_of(study, memory), third], lambda _: None)
    assert tables(folder) == tables(here) and len(read_manifest(folder).runs) == 3
    assert [place.name for place in runs_of(memory / "far")] == [folder.name]


def test_the_memory_of_one_process(study: Study) -> None:
    """Is of no use to others."""
    pytest.importorskip("fsspec")
    for more in ({"processes": 2}, {"processes": 1, "cluster": "tcp://127.0.0.1:1"}):
        with pytest.raises(InputError, match="is the memory of one process; say --processes 1"):
            run_study(study, place_of("memory://a/b"), **more)  # type: ignore[arg-type]


# ---- a server that answers as S3 does ----------------------------------------------------------------------
WHY = "the server that answers as S3 does comes with the extra remote-test"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a bucket, on a server of this machine that the environment names."""
    pytest.importorskip("s3fs", reason=WHY)
    server = pytest.importorskip("moto.server", reason=WHY).ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        server.start()
        host, port = server.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "of-the-tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_CONFIG_FILE", str(tmp_path_factory.mktemp("aws") / "none"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path_factory.mktemp("aws") / "none"))
        import s3fs

        s3fs.S3FileSystem(skip_instance_cache=True).mkdir("classes")
        yield "s3://classes"
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_bucket_that_is_not_there(s3: str, study: Study, file: Path) -> None:
    """Is told in a sentence, and nothing is made."""
    words = said(setback("run", file, "--results", "s3://no-such-bucket/results"))
    assert words.startswith("results cannot be written to s3://no-such-bucket/results/far/")
    assert words.endswith("name another folder with --results")
    assert "there is no folder s3://no-such-bucket/far with results" in said(
        setback("export", "s3://no-such-bucket/far", "--out", file.parent / "far.csv")
    )
    assert not place_of("s3://no-such-bucket/results").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_killed_and_resumed_on_a_bucket(s3: str, study: Study, file: Path, here: Path, tmp_path: Path) -> None:
    """A run in two processes that is killed goes on from what is there, to the bytes of a run on the disk."""
    results = place_of(f"{s3}/results")
    words = [sys.executable, "-m", "setback", "run", str(file), "--engine", "vectorised", "--results", str(results)]
    run = subprocess.Popen([*words, "--processes", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder, end = folder_of(study, results), time.monotonic() + 900
    while len(files(folder / "tasks")) < 2:
        assert time.monotonic() < end and run.poll() is None
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    state = state_of(folder)
    assert state and 2 <= len(state.done) < state.tasks and not state.damaged
    before = {number: tables(folder)[f"tasks/{number:05d}.json"] for number in state.done}
    run_study(study, results, processes=1, say=lambda _: None)
    assert tables(folder) == tables(here)
    assert all(tables(folder)[f"tasks/{number:05d}.json"] == text for number, text in before.items())
    assert "finished" in setback("status", "far", "--results", str(results)).out
    out = setback("export", str(folder), "--out", tmp_path / "far.csv")
    assert out.code == 0 and len(pd.read_csv(tmp_path / "far.csv")) == len(load(here).rows)
