"""What we use of libpri.h (libpri 1.6.0, Debian's libpri-dev): its structs and functions for cffi, and its numbers.

Member names and order are the header's. tests/pstn/test_libpri_layout.py compares sizes, offsets and numbers with it.
"""

from __future__ import annotations

STRUCTS = """
typedef struct q931_call q931_call;
struct pri;
struct pri_sr;
struct timeval { long tv_sec; long tv_usec; };

struct pri_party_name { int valid; int presentation; int char_set; char str[64]; };
struct pri_party_number { int valid; int presentation; int plan; char str[64]; };
struct pri_party_subaddress { int valid; int type; int odd_even_indicator; int length; unsigned char data[32]; };
struct pri_party_id {
    struct pri_party_name name; struct pri_party_number number; struct pri_party_subaddress subaddress;
};
struct pri_party_connected_line { struct pri_party_id id; };
struct pri_party_redirecting {
    struct pri_party_id from; struct pri_party_id to; struct pri_party_id orig_called;
    int count; int orig_reason; int reason;
};
/* The header's union has many members; the largest, rerouting_data, has 820 bytes, and one has longs. */
struct pri_subcommand {
    int cmd;
    union {
        char reserve_space[824];
        long alignment;
        struct pri_party_connected_line connected_line;
        struct pri_party_redirecting redirecting;
    } u;
};
struct pri_subcommands { int counter_subcmd; struct pri_subcommand subcmd[8]; };

typedef struct { int e; char err[256]; } pri_event_error;
typedef struct { int e; int channel; } pri_event_restart;
typedef struct { int e; int channel; } pri_event_restart_ack;
typedef struct {
    int e; int channel; int cref; int progress; int progressmask; q931_call *call; char useruserinfo[260];
    struct pri_subcommands *subcmds;
} pri_event_ringing;
typedef struct {
    int e; int channel; int cref; int progress; int progressmask; q931_call *call; char useruserinfo[260];
    struct pri_subcommands *subcmds;
} pri_event_answer;
struct pri_event_facility {
    int e; char callingname[256]; char callingnum[256]; int channel; int cref; q931_call *call; int callingpres;
    int callingplan; struct pri_subcommands *subcmds; q931_call *subcall;
};
typedef struct {
    int e; int channel; int callingpres; int callingplanani; int callingplan; char callingani[256];
    char callingnum[256]; char callingname[256]; int calledplan; int ani2; char callednum[256];
    char redirectingnum[256]; char redirectingname[256]; int redirectingreason; int callingplanrdnis;
    char useruserinfo[260]; int flexible; int cref; int ctype; int layer1; int complete; q931_call *call;
    char callingsubaddr[256]; int progress; int progressmask; char origcalledname[256]; char origcallednum[256];
    int callingplanorigcalled; int origredirectingreason; int reversecharge; struct pri_subcommands *subcmds;
    struct pri_party_id calling; struct pri_party_subaddress called_subaddress; char keypad_digits[64];
} pri_event_ring;
typedef struct {
    int e; int channel; int cause; int cref; q931_call *call; long aoc_units; char useruserinfo[260];
    struct pri_subcommands *subcmds; q931_call *call_held; q931_call *call_active;
} pri_event_hangup;
typedef struct {
    int e; int channel; int cref; int progress; int progressmask; int cause; q931_call *call;
    struct pri_subcommands *subcmds;
} pri_event_proceeding;
typedef struct {
    int e; int channel; q931_call *call; struct pri_subcommands *subcmds; int progressmask;
} pri_event_setup_ack;
typedef struct { int e; int channel; int info; struct pri_subcommands *subcmds; q931_call *call; } pri_event_notify;
typedef struct {
    int e; int channel; q931_call *call; char digits[64]; struct pri_subcommands *subcmds;
} pri_event_keypad_digit;
typedef struct { int e; int channel; int changestatus; } pri_event_service;
typedef struct { int e; int channel; int changestatus; } pri_event_service_ack;

typedef union {
    int e;
    pri_event_error err;
    pri_event_restart restart;
    pri_event_restart_ack restartack;
    pri_event_ring ring;
    pri_event_hangup hangup;
    pri_event_ringing ringing;
    pri_event_answer answer;
    pri_event_proceeding proceeding;
    pri_event_setup_ack setup_ack;
    pri_event_notify notify;
    pri_event_keypad_digit digit;
    pri_event_service service;
    pri_event_service_ack service_ack;
    struct pri_event_facility facility;
} pri_event;
"""

FUNCTIONS = """
typedef int (*pri_io_cb)(struct pri *pri, void *buf, int buflen);
struct pri *pri_new_cb(int fd, int node, int switchtype, pri_io_cb io_read, pri_io_cb io_write, void *userdata);
void pri_set_message(void (*handler)(struct pri *pri, char *));
void pri_set_error(void (*handler)(struct pri *pri, char *));
void pri_set_debug(struct pri *pri, int debug);
void pri_set_nsf(struct pri *pri, int nsf);
void pri_set_overlapdial(struct pri *pri, int state);
void pri_set_inbanddisconnect(struct pri *pri, unsigned int enable);
void pri_hangup_fix_enable(struct pri *ctrl, int enable);
void pri_facility_enable(struct pri *pri);
void pri_display_options_send(struct pri *ctrl, unsigned long flags);
int pri_set_service_message_support(struct pri *pri, int supportflag);
int pri_set_timer(struct pri *pri, int timer, int value);
int pri_get_timer(struct pri *pri, int timer);
int pri_timer2idx(const char *timer_name);
void pri_enslave(struct pri *master, struct pri *slave);
pri_event *pri_check_event(struct pri *pri);
struct timeval *pri_schedule_next(struct pri *pri);
pri_event *pri_schedule_run(struct pri *pri);
q931_call *pri_new_call(struct pri *pri);
int pri_get_crv(struct pri *pri, q931_call *call, int *callmode);
struct pri_sr *pri_sr_new(void);
void pri_sr_free(struct pri_sr *sr);
int pri_sr_set_channel(struct pri_sr *sr, int channel, int exclusive, int nonisdn);
int pri_sr_set_bearer(struct pri_sr *sr, int transmode, int userl1);
int pri_sr_set_called(struct pri_sr *sr, char *called, int calledplan, int complete);
void pri_sr_set_caller_party(struct pri_sr *sr, const struct pri_party_id *caller);
void pri_sr_set_redirecting_parties(struct pri_sr *sr, const struct pri_party_redirecting *redirecting);
int pri_setup(struct pri *pri, q931_call *call, struct pri_sr *req);
int pri_need_more_info(struct pri *pri, q931_call *call, int channel, int nonisdn);
int pri_information(struct pri *pri, q931_call *call, char digit);
int pri_proceeding(struct pri *pri, q931_call *c, int channel, int info);
int pri_progress_with_cause(struct pri *pri, q931_call *c, int channel, int info, int cause);
int pri_acknowledge(struct pri *pri, q931_call *call, int channel, int info);
int pri_answer(struct pri *pri, q931_call *call, int channel, int nonisdn);
int pri_hangup(struct pri *pri, q931_call *call, int cause);
void pri_destroycall(struct pri *pri, q931_call *call);
int pri_reset(struct pri *pri, int channel);
int pri_maintenance_service(struct pri *pri, int span, int channel, int changestatus);
const char *pri_get_version(void);
"""

NETWORK, CPE = 1, 2
SWITCHES = {"ni2": 1, "dms100": 2, "5ess": 3, "4ess": 4, "euroisdn": 5, "ni1": 7, "qsig": 10}
"""PRI_SWITCH_*: EuroISDN on a T1 behaves as on an E1 (PRI_SWITCH_EUROISDN_T1 differs in no code path)."""
WITH_SERVICE = frozenset({"ni2", "dms100", "4ess", "5ess"})
"""Switches that know SERVICE messages (ANSI T1.607 / AT&T TR 41459); others take them for unknown messages."""
NO_DISPLAY = frozenset({"ni1", "ni2"})
"""Switches to which a user must not send Display, which libpri does: in the standards it is the network's (Q.931
§3.1.14; libpri sends none in EuroISDN and QSIG). NI-2 gets the name in a Facility."""

DEBUG_Q931 = 1 << 5 | 1 << 6 | 1 << 7  # PRI_DEBUG_Q931_DUMP, _STATE, _ANOMALY
PROGRESS_NOT_END_TO_END, PROGRESS_CALLED_NOT_ISDN, PROGRESS_INBAND = 1 << 0, 1 << 1, 1 << 3  # PRI_PROG_*
SPEECH, AUDIO_3K1 = 0x00, 0x10  # PRI_TRANS_CAP_SPEECH, _3_1K_AUDIO
LAYER1_ULAW, LAYER1_ALAW = 0x22, 0x23
RESTRICTION, ALLOWED, RESTRICTED, UNAVAILABLE = 0x60, 0x00, 0x20, 0x40  # PRI_PRES_*
IN_SERVICE, OUT_OF_SERVICE = 0, 2
"""Change status of SERVICE messages (AT&T TR 41459 §4.1: in service, maintenance, out of service)."""
SUBCMD_REDIRECTING, SUBCMD_CONNECTED_LINE = 1, 2
DISPLAY_BLOCK = 1 << 0
CHAR_SETS = {
    1: "iso8859-1", 3: "iso8859-2", 4: "iso8859-3", 5: "iso8859-4", 6: "iso8859-5", 7: "iso8859-7",
    8: "utf-16-be", 9: "utf-8",
}  # fmt: skip
"""PRI_CHAR_SET_* to Python's codecs. libpri cuts a BMPString at its first zero octet: little is left of such names."""
