"""Every duration of the provider: the test that moves its clock past it, or why none does.

A duration that follows the clock names the test that shows it; one that is bound to the time of the
machine says why, and docs/testing/clock.md tells users so.
"""

DURATIONS = "tests/dev/test_durations.py::test_"
EDGES = "tests/robustness/test_edges_of_time.py::test_"
REFRESH = "tests/oauth/test_refresh.py::test_"
DOCUMENTS = "tests/dynamic_registration/test_fetching.py::test_"
ENTRY = "tests/console/test_entry.py::test_"
SESSIONS = "tests/exchange/test_sessions.py::test_"
TOKENS = "tests/exchange/test_subject_tokens.py::test_"

FOLLOWS = {
    "code_lifetime": EDGES + "a_code_holds_until_its_last_instant",
    "par_lifetime": "tests/conformance/fapi2/test_pushed_requests.py::test_a_pushed_request_lapses",
    "access_token_lifetime": EDGES + "an_access_token_holds_until_its_last_instant",
    "id_token_lifetime": DURATIONS + "an_id_token_lapses_for_a_service_of_the_same_time",
    "refresh_token_lifetime": "tests/conformance/test_profile.py::"
    "test_a_refresh_token_lapses_when_it_is_not_used",
    "refresh_grace": REFRESH + "later_reuse_ends_the_family",
    "session_lifetime": REFRESH + "no_refresh_outlives_the_session",
    "session_idle": EDGES + "a_session_holds_until_its_last_instant",
    "interaction_lifetime": EDGES + "the_page_of_a_sign_in_holds_until_its_last_instant",
    "start_window": "tests/signin/test_throttle.py::"
    "test_too_many_starts_from_one_address_are_told_when_to_come_back",
    "client_assertion_lifetime": "tests/oauth/test_client_authentication.py::"
    "test_an_assertion_may_not_live_longer_than_the_setting",
    "client_assertion_skew": "tests/oauth/test_client_authentication.py::"
    "test_an_assertion_lapses_by_the_clock",
    "dpop_proof_lifetime": "tests/oauth/test_dpop_proof.py::test_clocks_may_differ_a_little",
    "dpop_proof_skew": "tests/oauth/test_dpop_proof.py::test_clocks_may_differ_a_little",
    "dpop_nonce_lifetime": "tests/oauth/test_dpop.py::"
    "test_a_nonce_lapses_and_the_next_is_told_with_each_answer",
    "logout_token_lifetime": "tests/outbox/test_logout.py::"
    "test_a_service_that_is_away_is_told_later_by_a_fresh_token",
    "request_object_lifetime": "tests/ciba/test_request_signed.py::"
    "test_a_request_out_of_its_time_is_refused",
    "response_jwt_lifetime": "tests/signatures/test_response_jwt.py::"
    "test_an_old_response_is_refused_by_its_reader",
    "key_overlap": "tests/oauth/test_discovery.py::test_a_rotation_overlaps",
    "web_challenge_lifetime": EDGES + "a_challenge_holds_until_its_last_instant",
    "configuration_lifetime": DURATIONS + "a_phone_relies_on_a_configuration_for_its_life_alone",
    "finish_grace": "tests/attacks/test_signin_binding.py::"
    "test_an_approval_whose_browser_was_closed_lapses",
    "pin_lock_first": DURATIONS + "wrong_pins_lock_for_their_wait_and_no_longer",
    "pin_lock_second": DURATIONS + "wrong_pins_lock_for_their_wait_and_no_longer",
    "request_skew": DURATIONS + "a_request_held_back_on_its_way_is_recognised_for_a_while",
    "answer_replay_window": "tests/devices/test_lost_answers.py::"
    "test_the_answer_evaluated_last_is_known_long_after_what_it_said_is_deleted",
    "push_window": DURATIONS + "the_pushes_of_a_while_are_counted_anew_after_it",
    "push_silence": "tests/challenges/test_start.py::"
    "test_a_disowned_challenge_silences_the_phone_for_a_while",
    "device_lifetime": "tests/devices/test_ended_devices.py::"
    "test_a_person_is_reminded_a_month_and_a_week_before_the_end_once_each",
    "mail_qr_lifetime": EDGES + "a_mailed_code_holds_until_its_last_instant",
    "ticket_lifetime": "tests/enrolment/test_start.py::test_a_ticket_lapses",
    "sms_code_lifetime": "tests/attacks/test_enrolment.py::test_a_code_lapses_and_is_worth_one_use",
    "contact_change_hold": "tests/enrolment/test_start.py::"
    "test_a_contact_on_hold_carries_no_enrolment_and_the_former_one_is_told",
    "ticket_retention": "tests/enrolment/test_pairing.py::test_pairings_are_deleted_after_a_day",
    "card_lifetime": "tests/cards/test_judge.py::test_the_certificates_own_dates_count_too",
    "card_renewal_lead": "tests/cards/test_renewal.py::"
    "test_a_card_is_renewed_within_the_month_before_its_end_once",
    "card_delivery": "tests/registration/test_chain.py::"
    "test_the_date_that_the_cpam_tells_goes_by_the_clock",
    "card_postal_delay": "tests/cards/test_renewal.py::"
    "test_a_card_arrives_after_its_days_in_the_post",
    "card_code_letter_delay": "tests/cards/test_mailings.py::"
    "test_the_code_is_not_to_be_read_before_its_own_letter_is_posted",
    "card_approval_lifetime": "tests/signin/card/test_completion.py::"
    "test_an_accepted_card_waits_a_minute_and_no_longer",
    "crl_lifetime": "tests/cards/test_authority.py::"
    "test_the_list_is_of_the_present_and_good_for_a_day",
    "ocsp_lifetime": "tests/cards/test_authority.py::"
    "test_an_answer_echoes_the_nonce_and_is_good_for_minutes",
    "pairing_qr_lifetime": "tests/enrolment/test_pairing_qr.py::test_a_qr_is_good_for_90_seconds",
    "pairing_lifetime": "tests/enrolment/test_pairing_code.py::"
    "test_a_code_typed_too_late_confirms_nothing",
    "pairing_card_age": "tests/portal/test_entrance.py::"
    "test_a_card_used_too_long_ago_is_asked_for_again",
    "security_key_ceremony_lifetime": "tests/security_keys/test_signin.py::"
    "test_a_ceremony_is_forgotten_when_its_time_is_over",
    "security_key_vouching_age": "tests/security_keys/test_registration.py::"
    "test_an_old_sign_in_adds_no_key",
    "simulated_certificate_lifetime": "tests/mtls/test_simulated_certificate.py::test_it_ends",
    "api_token_lifetime": "tests/exchange/test_tokens_in_use.py::"
    "test_a_token_lapses_after_four_hours",
    "subject_check_interval": SESSIONS + "a_session_that_lives_is_asked_about_every_half_hour",
    "subject_check_limit": SESSIONS + "an_issuer_that_is_away_too_long_ends_what_it_vouched_for",
    "subject_check_retry": SESSIONS + "an_issuer_that_is_away_for_a_while_ends_nothing",
    "subject_skew": TOKENS + "an_issuer_may_be_a_little_ahead_and_no_further",
    "trusted_keys_interval": TOKENS + "keys_are_read_again_in_time_and_no_sooner",
    "trusted_keys_limit": TOKENS + "keys_read_too_long_ago_verify_nothing",
    "ciba_lifetime": "tests/ciba/test_push.py::test_a_lapse_is_sent_when_it_comes",
    "ciba_longest_lifetime": "tests/ciba/test_request.py::test_a_longer_life_is_bounded",
    "ciba_poll_tolerance": "tests/ciba/test_pacing.py::"
    "test_a_psc_client_may_be_half_a_second_early",
    "ciba_hint_age": "tests/ciba/test_hints.py::test_an_expired_id_token_still_does_for_a_while",
    "ciba_hint_token_lifetime": "tests/ciba/test_hints.py::"
    "test_a_hint_token_too_old_has_its_own_error",
    "ciba_window": "tests/ciba/test_request_attacks.py::"
    "test_a_service_that_asks_too_much_is_refused_and_no_other",
    "ciba_user_code_window": "tests/ciba/test_user_code.py::test_wrong_codes_lock_nobody_out",
    "device_code_lifetime": "tests/device_flow/test_polling.py::"
    "test_a_code_that_lapsed_is_told_as_expired_token",
    "device_poll_tolerance": "tests/device_flow/test_polling.py::"
    "test_a_device_that_keeps_the_interval_is_never_slowed",
    "device_codes_window": "tests/device_flow/test_pages.py::"
    "test_attempts_from_an_address_are_limited",
    "initial_token_lifetime": "tests/dynamic_registration/test_registration.py::"
    "test_a_token_lapses",
    "document_shortest_age": DOCUMENTS
    + "a_document_is_kept_as_long_as_its_server_says_within_our_bounds",
    "document_longest_age": DOCUMENTS + "what_failed_is_tried_again_and_what_was_held_stays_held",
    "document_retry": DOCUMENTS + "a_document_that_goes_on_failing_is_asked_for_less_and_less",
    "document_refetch_pause": "tests/dynamic_registration/test_published_keys.py::"
    "test_a_stranger_cannot_have_keys_fetched_again_and_again",
    "portal_recent_signin": "tests/portal/test_data.py::test_the_export_demands_a_recent_sign_in",
    "portal_test_window": "tests/portal/test_phone_pages.py::"
    "test_a_wrong_number_fails_the_test_and_is_told",
    "operator_session_lifetime": ENTRY + "a_session_has_an_end_however_busy",
    "operator_session_idle": ENTRY + "a_session_that_idles_is_over",
    "operator_proof_age": ENTRY + "whoever_changes_something_proves_again_who_they_are",
    "operator_invitation_lifetime": "tests/console/test_operators.py::test_an_invitation_lapses",
    "operator_pause": ENTRY + "wrong_passwords_bring_a_pause_that_grows",
    "operator_longest_pause": ENTRY + "a_pause_grows_no_further_than_the_setting",
    "operator_entries_window": ENTRY + "a_stranger_keeps_nobody_out_who_has_a_key",
    "pending_act_lifetime": "tests/console/test_approvals.py::"
    "test_what_waited_too_long_is_not_done",
    "pending_act_retention": "tests/console/test_approvals.py::"
    "test_what_is_over_is_forgotten_in_its_time",
    "console_worker_lag": "tests/console/test_running_outbox.py::"
    "test_messages_that_wait_too_long_are_told",
    "outbox_first_wait": "tests/outbox/test_mail_and_sms.py::"
    "test_a_server_that_is_away_is_tried_again_with_growing_waits_then_given_up",
    "outbox_longest_wait": "tests/outbox/test_mail_and_sms.py::"
    "test_waits_grow_no_further_than_the_setting",
    "outbox_lease": "tests/outbox/test_queue.py::"
    "test_a_message_of_a_worker_that_died_is_taken_again_after_its_lease",
    "outbox_retention": "tests/outbox/test_worker.py::"
    "test_tickets_and_messages_stay_readable_for_a_while",
    "journal_retention": "tests/audit/test_jobs.py::"
    "test_segments_past_their_retention_are_purged_and_their_heads_stay",
    "journal_seal_delay": "tests/audit/test_seal.py::test_young_events_wait",
    "import_silence": "tests/directory/test_import.py::"
    "test_an_import_that_died_is_taken_over_and_cannot_come_back",
    "recorder_retention": "tests/dev/recorder/test_checklists.py::"
    "test_the_expiry_job_keeps_as_many_as_the_setting_says",
}
"""Duration → the test that moves the clock, or judges by an instant that it was given."""

_BROWSER = "the browser counts it, by the clock of its own machine"
_JOB = "the pause of a job: `POST /dev/v1/jobs` runs every job at once"
_NETWORK = "a limit of waiting for another program, which lives in the machine's time"

REAL = {
    "page_poll_interval": _BROWSER,
    "page_refresh_interval": _BROWSER,
    "browser_memory": _BROWSER,
    "frontchannel_logout_wait": _BROWSER,
    "security_key_timeout": _BROWSER,
    "console_feed_interval": _BROWSER,
    "card_job_interval": _JOB,
    "document_interval": _JOB,
    "subject_check_pace": _JOB,
    "trusted_keys_pace": _JOB,
    "expiry_interval": _JOB,
    "sealing_interval": _JOB,
    "follow_interval": _JOB,
    "dev_realm_sleep": _JOB,
    "certificate_listener_timeout": _NETWORK,
    "carrier_timeout": _NETWORK,
    "dev_longest_delay": _NETWORK,
}
"""Duration → why it is bound to the machine's time."""
