// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf_port.hpp"

#include <cstring>

namespace callfloor {
namespace {

struct PortData {
    std::shared_ptr<FrameEnd> end;
    pj_pool_t *pool;
};

PortData *data_of(pjmedia_port *port) { return static_cast<PortData *>(port->port_data.pdata); }

pj_status_t on_get_frame(pjmedia_port *port, pjmedia_frame *frame) {
    if (frame->size >= kFrameBytes && data_of(port)->end->give(static_cast<std::int16_t *>(frame->buf))) {
        frame->type = PJMEDIA_FRAME_TYPE_AUDIO;
        frame->size = kFrameBytes;
    } else {
        frame->type = PJMEDIA_FRAME_TYPE_NONE;
        frame->size = 0;
    }
    return PJ_SUCCESS;
}

pj_status_t on_put_frame(pjmedia_port *port, pjmedia_frame *frame) {
    const bool audio = frame->type == PJMEDIA_FRAME_TYPE_AUDIO && frame->size >= kFrameBytes;
    data_of(port)->end->take(audio ? static_cast<const std::int16_t *>(frame->buf) : nullptr, frame->timestamp.u64);
    return PJ_SUCCESS;
}

// Runs when the last reference to the port's group lock goes: the conference's, or ours.
pj_status_t on_destroy(pjmedia_port *port) {
    PortData *data = data_of(port);
    pj_pool_t *pool = data->pool;
    delete data;
    pj_pool_release(pool);
    return PJ_SUCCESS;
}

}  // namespace

pjmedia_port *make_conf_port(const char *name, const std::shared_ptr<FrameEnd> &end) {
    pj_pool_t *pool = pjsua_pool_create("callfloor%p", 1000, 1000);
    if (!pool) throw pj::Error(PJ_ENOMEM, "pjsua_pool_create()", name, __FILE__, __LINE__);
    pjmedia_port *port = PJ_POOL_ZALLOC_T(pool, pjmedia_port);
    pj_str_t label;
    pj_strdup2_with_null(pool, &label, name);
    pjmedia_format format;
    pjmedia_format_init_audio(&format, PJMEDIA_FORMAT_L16, kRate, 1, 16, 20000, kRate * 16, kRate * 16);
    pjmedia_port_info_init2(&port->info, &label, PJMEDIA_SIG_CLASS_APP('C', 'F', 'L'), PJMEDIA_DIR_ENCODING_DECODING,
                            &format);
    port->port_data.pdata = new PortData{end, pool};
    port->get_frame = &on_get_frame;
    port->put_frame = &on_put_frame;
    port->on_destroy = &on_destroy;
    const pj_status_t status = pjmedia_port_init_grp_lock(port, pool, nullptr);
    if (status != PJ_SUCCESS) {
        on_destroy(port);
        throw pj::Error(status, "pjmedia_port_init_grp_lock()", name, __FILE__, __LINE__);
    }
    return port;
}

pj_pool_t *conf_port_pool(pjmedia_port *port) { return data_of(port)->pool; }

bool library_alive() {
    const pjsua_state state = pjsua_get_state();
    return state != PJSUA_STATE_NULL && state != PJSUA_STATE_CLOSING;
}

void raise_errno(int error, const char *what, const std::string &where) {
    throw pj::Error(PJ_STATUS_FROM_OS(error), what, where + ": " + std::strerror(error), __FILE__, __LINE__);
}

}  // namespace callfloor
