"""The warehouse that dbt builds on the small lake, once for all tests here."""

from __future__ import annotations

import pytest
from small_lake import House, write_lake

from goldworks.adapters.warehouse import Warehouse
from goldworks.lake import Lake
from goldworks.settings import PROJECT_ROOT


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    lake = Lake(tmp_path_factory.mktemp("home"))
    write_lake(lake)
    warehouse = Warehouse(lake.home, PROJECT_ROOT / "dbt_project")
    built = warehouse.build()
    warehouse.publish()
    return House(lake, warehouse, tuple(built))
