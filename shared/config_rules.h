/* config_rules.h -- the rules for settings, used by config_rows.c. */
#pragma once

#include "shared/config_rows.h"

extern const struct setting_rule rule_ice_server, rule_prefix, rule_there, rule_room_name,
	rule_origin, rule_url, rule_listen_at, rule_listen_maybe, rule_path,
	rule_path_maybe, rule_mail_address, rule_bus, rule_kid, rule_range;
