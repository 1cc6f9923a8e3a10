# `make` prints what there is. Both `make demo` and `make test` install what is missing and are safe to repeat.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# More arguments for `make demo`, such as ARGS="--port 9000 --once".
ARGS ?=
PYTHON ?= python3

.PHONY: help demo test fuzz format lint bench clean

help: ## this list | 本列表
	@scripts/help.sh

demo: ## installs what is missing, builds, buys one thing, then serves; ARGS="--port 9000" | 安装缺少的依赖、构建、完成一次购买，然后持续运行；可加 ARGS="--port 9000"
	@scripts/require-swift.sh
	@scripts/install-system-packages.sh build
	@scripts/build.sh debug
	@exec .build/debug/wechatpay demo $(ARGS)

test: ## installs what the tests need, builds once, runs every test | 安装测试所需、构建一次、运行全部测试
	@scripts/require-swift.sh
	@scripts/install-system-packages.sh build test
	@$(MAKE) --no-print-directory .venv/installed
	@scripts/build.sh tests
	swift test $$(scripts/traits.sh) --skip-build --disable-xctest
	PYTHON=$(PYTHON) scripts/fuzz.sh 10
	WECHATPAY=.build/debug/wechatpay .venv/bin/python -B -m unittest discover --start-directory Tests/ThirdParty --verbose

fuzz: ## ten minutes of libFuzzer on what reads the XML of API v2 | 用 libFuzzer 对 API v2 的 XML 解析进行十分钟模糊测试
	@scripts/require-swift.sh
	@scripts/install-system-packages.sh build
	@scripts/build.sh tests
	PYTHON=$(PYTHON) scripts/fuzz.sh 600

# A client of WeChat Pay that nobody here wrote, from PyPI (or from where PIP_INDEX_URL says).
.venv/installed: Tests/ThirdParty/requirements.txt
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

format: ## formats all Swift files | 格式化全部 Swift 文件
	@scripts/require-swift.sh
	@scripts/swift-files.sh | xargs -0 swift format format --in-place --parallel

lint: ## checks the form of the code, the banned calls, who may import whom, and that the documentation builds | 检查代码格式、禁用的调用、模块间的引用方向，并构建文档
	@scripts/require-swift.sh
	@scripts/install-system-packages.sh build lint
	@for script in scripts/*.sh .ci/run; do bash -n "$$script"; done
	@$(PYTHON) -B scripts/lint.py
	@$(PYTHON) -B -m unittest discover --start-directory scripts --pattern 'test_*.py'
	@scripts/swift-files.sh | xargs -0 swift format lint --strict --parallel
	@scripts/documentation.sh

bench: ## builds for release and prints how fast it is | 以 release 构建并输出性能数据
	@scripts/require-swift.sh
	@scripts/install-system-packages.sh build bench
	@scripts/build.sh release
	swift run -c release --package-path Benchmarks bench --command "$(CURDIR)/.build/release/wechatpay"

clean: ## removes what was built, the Python environment and the demo's state | 删除构建产物、Python 环境和演示数据
	rm -rf .build Benchmarks/.build .venv .wechatpay
