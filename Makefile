# Foyer. `make help` lists the targets.
#
# Everything is built below $(BUILD)/$(VARIANT): `release` for running, `asan` with
# AddressSanitizer and UBSan for the tests. Each folder becomes an archive, so a
# program links only what it uses. A program is one line, a unit test is one word.

BUILD   ?= build
VARIANT ?= release
OUT     := $(BUILD)/$(VARIANT)
CC      := gcc

# ---- what there is -------------------------------------------------------------

programs := auth.fcgi rooms.fcgi messages.fcgi users.fcgi search.fcgi files.fcgi calls.fcgi foyer-broker foyer-image foyer-supervise foyer-cgi
# what a web server starts for CGI: links to foyer-cgi, one for each program
fronts := $(patsubst %.fcgi,%.cgi,$(filter %.fcgi,$(programs)))

shared := calls calls_live calls_read ice_url words members_come \
	  address announce arguments bus_place api_token arena auto body body_rules body_schema clock compose config config_rows config_rules config_limits \
	  config_sample db db_result dbq die digest edits emoji file_url fold json json_parse json_print jsontext keys limits log marks members mentions model \
	  model_json room_read problem random removal roomlog roomlog_read schema schema_model session siphash text ticket token uuid wake
fcgi   := calls calls_store ice room_add invites invites_store contacts contacts_store directory_store \
	  api_tokens api_tokens_store bound \
	  access accounts accounts_store all_tables answer app attempt change_password common_passwords \
	  admin_invites admin_invites_store admin_rooms admin_rooms_store admin_users \
	  admin_users_store cgi cgi_back cgi_known email_change letters mail recovery recovery_store \
	  content cursor devices devices_store direct directory edits entry file_look file_name \
	  file_place file_type files files_store files_sweep form history history_store limit \
	  members_store message_answer messages messages_store multipart receipts_store names openapi openapi_operation \
	  page pair password remains range remove_account reply request room_answer room_create room_members rooms \
	  rooms_change_store rooms_store route schema_rows seen serve service sessions slots sweep \
	  search search_index search_index_store search_look search_query search_store search_tokens \
	  upload users users_store verified workers
auth   := auth_main
rooms  := rooms_main
messages := messages_main
users  := users_main
search := search_main
files  := files_main
image  := main canvas confine exif gif jpeg png sound strip webp
calls  := calls_main
front  := cgi_front_main
broker := main acceptor admission auth broker commands commands_conn commands_listen commands_post compare conn conns fanout flood frame heads hello http inbox janitor \
	  join lanes listen loop metrics outbox outbox_write pending people ready resume ring rooms run send_batch store table wakes wheel \
	  writer ws
broker += activity activity_compare activity_store audience audience_store membership peers peers_store
broker += people_store typing typing_store typists
broker += bus bus_postgres bus_redis bus_packet bus_words early redis wakes_socket
broker += format origin plain stream
broker += call_change call_tell call_watch calls signal signal_peers
broker += commands_edit edits receipts receipts_tell frame_rows reference reference_text
run    := supervise listen spawn
broker += presence presence_store presence_tell presence_write stay
shared += status
swarm  := swarm drive stats wsclient
load   := load dialect drive stats wsclient
bench  := swarm load bare cgi_floor fcgi_floor

# tests/unit/<folder>/<name>_test.c
unit := $(patsubst tests/unit/%_test.c,%,$(wildcard tests/unit/*/*_test.c))
# tests/sql/<name>_test.c, against a real database
sql  := $(patsubst tests/sql/%_test.c,%,$(wildcard tests/sql/*_test.c))
# fuzz/<name>.c: a parser of untrusted bytes
fuzz := address bus cursor form frames http_head json multipart names picture place range request search \
	token wake words

# ---- how it is compiled --------------------------------------------------------

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  := -std=gnu2x -g $(WARN) -I. -D_GNU_SOURCE
# lib/ next to the programs takes precedence over the system's libraries, also for the
# dependencies of those in it: for a host that lacks some (LIBS=yes make install).
LDFLAGS := -Wl,--as-needed -Wl,--disable-new-dtags,-rpath,'$$ORIGIN/lib'

CFLAGS.release  := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS.release := -pie -Wl,-z,relro,-z,now
# not for a release: a later compiler may warn of what ours does not
CFLAGS.asan     := -Werror -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
		   -fno-omit-frame-pointer
LDFLAGS.asan    := -fsanitize=address,undefined
# only for `make fuzz`: with libFuzzer, which needs clang
CFLAGS.fuzz     := $(CFLAGS.asan) -fsanitize=fuzzer-no-link
LDFLAGS.fuzz    := -fsanitize=fuzzer,address,undefined

CFLAGS  += $(CFLAGS.$(VARIANT)) -I/usr/include/postgresql
LDFLAGS += $(LDFLAGS.$(VARIANT))

LIBS.shared := -lpq -ljson-c -ljwt -lcrypto -lyaml -lunistring -lstemmer
LIBS.fcgi   := -lfcgi -lmagic -largon2 $(LIBS.shared)
LIBS.image  := -ljpeg -lpng -lwebp -lgif
LIBS.broker := -lwebsockets -lev -luring -lhiredis $(LIBS.shared)

# Targets that run something first build with all processors.
BUILD_ALL = $(MAKE) --no-print-directory -j$(shell nproc)

objects = $(patsubst %,$(OUT)/$(1)/%.o,$(2))
shared_a := $(OUT)/libshared.a
fcgi_a   := $(OUT)/libfcgi.a
broker_a := $(OUT)/libbroker.a
image_a  := $(OUT)/libimage.a

.DEFAULT_GOAL := all
.PHONY: all unit planted
all: $(programs:%=$(OUT)/%) $(fronts:%=$(OUT)/%) ## build everything

unit: $(unit:%=$(OUT)/unit/%) $(sql:%=$(OUT)/sql/%) $(fuzz:%=$(OUT)/unit/fuzz/%) planted ## build the tests written in C

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(shared_a): $(call objects,shared,$(shared))
$(fcgi_a): $(call objects,fcgi,$(fcgi))
$(broker_a): $(call objects,broker,$(filter-out main,$(broker)))
$(image_a): $(call objects,image,exif sound strip) # its parsers, for fuzz/
%.a:
	@rm -f $@
	ar rcs $@ $^

LINK = $(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

$(OUT)/auth.fcgi: $(call objects,fcgi,$(auth)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/rooms.fcgi: $(call objects,fcgi,$(rooms)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/messages.fcgi: $(call objects,fcgi,$(messages)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/users.fcgi: $(call objects,fcgi,$(users)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/search.fcgi: $(call objects,fcgi,$(search)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/files.fcgi: $(call objects,fcgi,$(files)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/foyer-image: $(call objects,image,$(image))
	$(LINK) $(LIBS.image)
$(OUT)/calls.fcgi: $(call objects,fcgi,$(calls)) $(fcgi_a) $(shared_a)
	$(LINK) $(LIBS.fcgi)
$(OUT)/foyer-cgi: $(call objects,fcgi,$(front))
	$(LINK)
$(fronts:%=$(OUT)/%): $(OUT)/foyer-cgi
	@ln -sf foyer-cgi $@
$(OUT)/foyer-broker: $(OUT)/broker/main.o $(broker_a) $(shared_a)
	$(LINK) $(LIBS.broker)
$(OUT)/foyer-supervise: $(call objects,run,$(run)) $(shared_a)
	$(LINK) $(LIBS.shared)

$(OUT)/swarm: $(call objects,bench,$(swarm)) $(shared_a)
	$(LINK) $(LIBS.shared)
$(OUT)/load: $(call objects,bench,$(load)) $(shared_a)
	$(LINK) $(LIBS.shared)
$(OUT)/bare: $(call objects,bench/peers,bare) $(shared_a)
	$(LINK) $(LIBS.shared)

$(OUT)/cgi_floor: $(call objects,bench/peers,cgi_floor)
	$(LINK) -lpq
$(OUT)/fcgi_floor: $(call objects,bench/peers,fcgi_floor)
	$(LINK) -lfcgi

$(OUT)/unit/shared/%: $(OUT)/tests/unit/shared/%_test.o $(shared_a)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS.shared)
$(OUT)/unit/fcgi/%: $(OUT)/tests/unit/fcgi/%_test.o $(fcgi_a) $(shared_a)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS.fcgi)
$(OUT)/unit/broker/%: $(OUT)/tests/unit/broker/%_test.o $(broker_a) $(shared_a)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS.broker)
$(OUT)/sql/search: $(OUT)/tests/sql/search_test.o $(OUT)/tests/sql/ground.o $(fcgi_a) $(shared_a)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS.fcgi)

$(OUT)/sql/%: $(OUT)/tests/sql/%_test.o $(OUT)/tests/sql/ground.o $(shared_a)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS.shared)
# A deliberately faulty broker next to the other programs, for tests/faults.
plants := writer_post draft_fingerprint ring_append ring_advance resume_go listener_go_live join_begin
planted: $(OUT)-planted/foyer-broker
$(OUT)-planted/foyer-broker: $(OUT)/broker/main.o $(OUT)/tests/faults/plant.o $(broker_a) $(shared_a)
	@mkdir -p $(@D)
	@ln -sf $(filter-out $(abspath $(OUT))/foyer-broker,$(programs:%=$(abspath $(OUT))/%)) $(@D)
	$(LINK) $(plants:%=-Wl,--wrap=%) $(LIBS.broker)

# Each fuzz target twice: as a test that replays its corpus, and with libFuzzer.
fuzz_parts = $(OUT)/fuzz/$(1).o $(broker_a) $(fcgi_a) $(shared_a) $(image_a)
LIBS.fuzz := -lcmocka $(LIBS.broker) $(LIBS.fcgi)
$(fuzz:%=$(OUT)/unit/fuzz/%): $(OUT)/unit/fuzz/%: $(OUT)/fuzz/replay.o $(call fuzz_parts,%)
	@mkdir -p $(@D)
	$(LINK) $(LIBS.fuzz)
$(fuzz:%=$(OUT)/fuzz/%): $(OUT)/fuzz/%: $(call fuzz_parts,%)
	$(LINK) $(LIBS.fuzz)
.PRECIOUS: $(OUT)/%.o

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

# ---- running it ----------------------------------------------------------------

export BUILD VARIANT
.PHONY: deps run start stop status demo
deps:
	@run/deps.sh run

# Fetches Swagger UI in the background during the build; nothing waits for it.
.PHONY: swagger
swagger:
	@mkdir -p $(OUT)
	@run/swagger.sh $(OUT) </dev/null >$(OUT)/swagger.log 2>&1 &

run: deps swagger ## install what is missing, build, and run in the foreground
	@$(BUILD_ALL) all
	@run/foyer run

start: deps swagger ## install what is missing, build, and run in the background
	@$(BUILD_ALL) all
	@run/foyer start

stop: ## stop what `make start` started
	@run/foyer stop

status: ## print what is running
	@run/foyer status

demo: ## play a whole conversation with curl against a running server
	@run/demo.sh

install: all ## install everything: DESTDIR= PREFIX= LIBS=yes
	@run/install.sh

# ---- measuring it (bench/README.md) -------------------------------------------

.PHONY: bench bench-tools bench-delivery bench-durable bench-connections bench-resume bench-rest \
	bench-footprint bench-growth bench-report bench-idle bench-storm soak
bench: bench-delivery bench-durable bench-connections bench-resume bench-rest bench-footprint bench-growth ## measure beside other servers, all tables; ROUNDS= SECONDS=

bench-tools:
	@run/deps.sh test
	@run/npm.sh tests
	@$(BUILD_ALL) VARIANT=release all $(bench:%=$(BUILD)/release/%)

bench-delivery: bench-tools ## ... delivering messages, beside gorilla, nchan, mosquitto, ws, a bare server
	@run/deps.sh peers
	@node bench/delivery.js

bench-durable: bench-tools ## ... storing them durably, beside pgbench
	@node bench/durable.js

bench-connections: bench-tools ## ... opening and holding connections, beside those of bench-delivery
	@run/deps.sh peers
	@node bench/connections.js

bench-resume: bench-tools ## ... a thousand clients resume, with a thousand missed messages each
	@node bench/resume.js

bench-footprint: bench-tools ## ... memory of the idle stack, and a page by plain CGI
	@node bench/footprint.js

bench-growth: bench-tools ## ... with a thousand messages and a million, and so on
	@node bench/growth.js

bench-report: ## write the latest measurements into docs/performance.md
	@node bench/report.js

bench-rest: bench-tools ## ... REST, beside gin and pgx on the same PostgreSQL
	@run/deps.sh peers
	@node bench/rest.js

bench-storm: bench-tools ## ten thousand clients reconnect at once while others talk
	@node bench/storm.js

bench-idle: bench-tools ## hold 15,000 connections at one broker, 30,000 at two
	@node bench/idle.js

.PHONY: bench-web screenshots
bench-web: bench-tools ## measure the pages: size, Lighthouse, a burst of messages
	@run/npm.sh bench
	@node bench/web.js
	@node bench/web_burst.js

screenshots: ## save pictures of every screen in docs/screens; SCREENS=, FORMAT=png INTO=
	@run/deps.sh pictures
	@$(BUILD_ALL) VARIANT=release all
	@run/npm.sh tests
	@VARIANT=release node tests/web/screenshots.js

.PHONY: icons preloads
preloads: ## update the preload lists in web/ after a change of imports
	@node tests/web/preloads.js

icons: ## make web/icons/ again after a change of web/icon.svg
	@run/deps.sh test
	@run/npm.sh tests
	@node tests/web/icons.js

soak: bench-tools ## run at half of the maximum load for SECONDS=600; VARIANT=asan looks for leaks
	@$(BUILD_ALL) all
	@VARIANT=$(VARIANT) SECONDS=$(SECONDS) RATE=$(RATE) node bench/soak.js

# ---- testing it ----------------------------------------------------------------

.PHONY: test check lint format clean help install
test: ## install what the tests need, build with sanitizers, run everything
	@run/deps.sh test
	@$(BUILD_ALL) VARIANT=release all
	@$(BUILD_ALL) VARIANT=asan all unit
	@VARIANT=asan tests/run.sh

check: lint ## run lint, then every test
	@$(MAKE) --no-print-directory test

# tests/properties makes up values from the OpenAPI document, different with each SEED.
.PHONY: fuzz-api
SECONDS ?= 600
fuzz-api: ## call every operation of the OpenAPI document for SECONDS=600, with SEED=
	@run/deps.sh test
	@$(BUILD_ALL) VARIANT=asan all
	@VARIANT=asan FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$(SEED) \
		SUITE_SECONDS=$$(($(SECONDS) + 300)) tests/run.sh properties

SOURCES = $(shell git ls-files '*.c' '*.h')

# Fuzzes each parser of untrusted bytes; findings go to $(BUILD)/fuzz/found.
.PHONY: fuzz
TARGETS ?= $(fuzz)
fuzz: ## fuzz each parser for SECONDS=600; TARGETS=
	@run/deps.sh fuzz
	@$(BUILD_ALL) VARIANT=fuzz CC=clang $(TARGETS:%=$(BUILD)/fuzz/fuzz/%)
	@SECONDS_EACH=$(SECONDS) fuzz/run.sh $(TARGETS)

.PHONY: fuzz-live
fuzz-live: ## fuzz a running broker for SECONDS=600, with SEED=
	@run/deps.sh test
	@$(BUILD_ALL) VARIANT=asan all
	@VARIANT=asan SECONDS_OF_BYTES=$(SECONDS) SEED=$(SEED) \
		SUITE_SECONDS=$$(($(SECONDS) + 300)) tests/run.sh faults/bytes

# Kills, stops, disconnects and starves all parts while messages are written; see
# tests/faults.
.PHONY: torture
MESSAGES ?= 200000
torture: ## inject faults until MESSAGES=200000 are acknowledged, with SEED=
	@run/deps.sh test
	@$(BUILD_ALL) VARIANT=asan all
	@VARIANT=asan MESSAGES=$(MESSAGES) SEED=$(SEED) SUITE_SECONDS=10800 tests/run.sh faults/torture

lint: ## check layer borders and formatting, run static analysis
	@run/deps.sh check
	@tests/lint/layers.sh
	@tests/lint/statements.sh
	@clang-format --dry-run -Werror $(SOURCES)
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck -j2 --cppcheck-build-dir=$(BUILD)/cppcheck --quiet --std=c11 \
		--enable=warning,portability --inline-suppr --error-exitcode=1 -I. --suppress=missingInclude \
		--suppress=ctuuninitvar $(filter %.c,$(SOURCES))
	@shellcheck -x $(shell git ls-files 'run/*.sh' run/foyer 'tests/*.sh' 'fuzz/*.sh' .ci/run)

foyer.yaml: shared/config_rows.c shared/config_sample.c # all settings, from the table
	@$(MAKE) --no-print-directory $(OUT)/auth.fcgi
	$(OUT)/auth.fcgi --sample-config > $(BUILD)/foyer.yaml && cp $(BUILD)/foyer.yaml $@

# The live reference, from the tables of frames: the AsyncAPI document, and the part of
# docs/live.md below "Every frame".
docs/asyncapi.json: $(OUT)/foyer-broker
	env -u FOYER_CONFIG $(OUT)/foyer-broker --asyncapi > $(BUILD)/asyncapi.json
	sed '/^## Every frame$$/q' docs/live.md > $(BUILD)/live.md
	env -u FOYER_CONFIG $(OUT)/foyer-broker --frames >> $(BUILD)/live.md
	cp $(BUILD)/live.md docs/live.md
	cp $(BUILD)/asyncapi.json $@

format: ## format the C sources with clang-format
	@clang-format -i $(SOURCES)

clean: ## remove what was built (never the data in var/)
	rm -rf $(BUILD)

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 20
