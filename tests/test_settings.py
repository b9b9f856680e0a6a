"""What the settings make by themselves."""

from kaikukortti import settings


def test_a_new_data_folder_is_its_owners_only(tmp_path, monkeypatch):
    """Any account of the machine could read the register and the open sessions otherwise."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "data")
    settings._database()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
