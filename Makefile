# `make help` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast lint bench eval eval-sentiment synth deploy organization rotate-key lock logs mail stripe-clock status stop clean FORCE

# Compiled modules make every start faster, and .venv is ours.
unexport PYTHONDONTWRITEBYTECODE
# Ours would be found before what is installed.
unexport PYTHONPATH PYTHONHOME
export PYTHON

py := .venv/bin/python
installed := .venv/.installed
compile := .venv/bin/uv pip compile pyproject.toml --generate-hashes --no-header --no-annotate --quiet

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(installed)  ## start everything on this machine and print the addresses; SAMPLE=0 without sample conversations; Ctrl-C stops it
	@exec $(py) -m local run $(if $(filter 0,$(SAMPLE)),--no-conversations)

demo: $(installed)  ## ask a question; Q="…" asks another, PDF=file uploads a document first
	@exec $(py) -m local demo $${PDF:+--pdf "$$PDF"} $${Q:+--question "$$Q"}

test: $(installed)  ## run every test, in JOBS=2 processes
	@exec $(py) -m pytest -n $(or $(JOBS),2) $(ARGS)

test-fast: $(installed)  ## leave out what needs the stack or a browser, or takes seconds
	@exec $(py) -m pytest -n $(or $(JOBS),2) -m "not stack and not browser and not bundle and not slow" $(ARGS)

# Without the cache: what it remembers of a file does not follow new modules beside it.
lint: $(installed)  ## ruff, mypy and tsc
	@$(py) -m ruff check --no-cache .
	@$(py) -m ruff format --check .
	@$(py) -m mypy
	@.venv/bin/npx --yes --loglevel=error --package typescript@7.0.2 tsc --project web/jsconfig.json

bench: $(installed)  ## measure and print JSON; ARGS="pages inbox" measures only these
	@exec $(py) -m benchmarks $(ARGS)

eval: $(installed)  ## measure answers on questions; DATA=file.json (as in docs/EVALUATION.md), PEER=1 beside LangChain with Chroma
	@exec $(py) -m evaluation "$(or $(DATA),tests/data/questions.json)" $(if $(PEER),--peer)

eval-sentiment: $(installed)  ## measure the sentiment model; DATA=file.tsv (label TAB text)
	@exec $(py) layers/models/sentiment/evaluate.py "$(or $(DATA),tests/data/support-sentiment.tsv)"

synth: $(installed)  ## synthesize the CDK app for AWS into cdk.out, checked by cdk-nag
	@FRONTDESK_STAGE=$(or $(STAGE),prod) CDK_OUTDIR=cdk.out $(py) infra/app.py

deploy: $(installed)  ## deploy to AWS; see docs/DEPLOY.md first
	@.venv/bin/npx --yes aws-cdk@2 deploy --all $(ARGS)

organization: $(installed)  ## create an organisation in a deployed stack; ARGS="--table … --name … --origin …"
	@PYTHONPATH=layers/core/python $(py) infra/organization.py $(ARGS)

rotate-key: $(installed)  ## sign access tokens with a new key, nobody is logged out; ARGS="--secret …"
	@PYTHONPATH=layers/core/python $(py) infra/rotate_key.py $(ARGS)

lock: $(installed)  ## bring the lock files up to date with pyproject.toml
	@$(compile) --group dev --universal --python-version 3.11 -o requirements.lock
	@$(py) infra/lock.py

logs: $(installed)  ## follow the logs of the functions and of MiniStack
	@exec $(py) -m local logs

mail: $(installed)  ## print the mail that the running stack has sent
	@$(py) -m local mail

stripe-clock: $(installed)  ## put the clock of Stripe's stand-in forward, so that subscriptions renew; DAYS=31
	@$(py) -m local stripe-clock --days "$(or $(DAYS),31)"

status: $(installed)  ## say whether it runs, and where
	@$(py) -m local status

stop: $(installed)  ## stop what `make run` started
	@$(py) -m local stop

clean:  ## remove the local state and everything made; .venv stays
	@test ! -x $(py) || $(py) -m local stop >/dev/null
	rm -rf .local cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A virtual environment whose Python is gone is made anew.
$(installed): requirements.lock local/install.sh $(if $(wildcard .venv/bin/python),$(shell $(py) -c pass 2>/dev/null || echo FORCE))
	@PYTHON='$(PYTHON)' local/install.sh

FORCE:
