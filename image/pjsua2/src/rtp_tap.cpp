// SPDX-License-Identifier: GPL-2.0-or-later
// A media transport over another one, which may be SRTP: pjsua asks for it last.
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "callfloor_media.hpp"
#include "conf_port.hpp"
#include "disk_writer.hpp"

namespace callfloor {
namespace {

class PacketLog : public DiskJob {
public:
    explicit PacketLog(int fd) : fd_(fd) {}
    ~PacketLog() override { ::close(fd_); }

    void add(std::uint8_t direction, const void *packet, std::size_t size) {
        timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        std::uint64_t fields = static_cast<std::uint64_t>(now.tv_sec) * 1000000000U + static_cast<std::uint64_t>(now.tv_nsec);
        unsigned char head[11] = {direction};
        for (int i = 0; i < 8; ++i, fields >>= 8) head[1 + i] = static_cast<unsigned char>(fields);
        head[9] = static_cast<unsigned char>(size);
        head[10] = static_cast<unsigned char>(size >> 8);
        const auto *bytes = static_cast<const unsigned char *>(packet);
        std::lock_guard<std::mutex> hold(mutex_);
        waiting_.insert(waiting_.end(), head, head + sizeof head);
        waiting_.insert(waiting_.end(), bytes, bytes + size);
    }

    void flush() {
        std::lock_guard<std::mutex> order(write_mutex_);
        std::vector<unsigned char> ready;
        {
            std::lock_guard<std::mutex> hold(mutex_);
            ready.swap(waiting_);
        }
        for (std::size_t done = 0; done < ready.size();) {
            const ssize_t put = ::write(fd_, ready.data() + done, ready.size() - done);
            if (put < 0 && errno == EINTR) continue;
            if (put <= 0) return;  // a measuring aid: the call matters more than its log
            done += static_cast<std::size_t>(put);
        }
    }

    void end() {
        flush();
        std::lock_guard<std::mutex> hold(mutex_);
        ended_ = true;
    }

    bool drain(Clock::time_point) override {
        flush();
        std::lock_guard<std::mutex> hold(mutex_);
        return !ended_;
    }

private:
    const int fd_;
    std::mutex mutex_;
    std::mutex write_mutex_;
    std::vector<unsigned char> waiting_;
    bool ended_ = false;
};

struct Tap {
    pjmedia_transport base;  // first: pjmedia knows the tap by this address
    pj_pool_t *pool;
    pjmedia_transport *under;
    bool close_under;
    std::shared_ptr<PacketLog> log;
    // The stream's callbacks while one is attached.
    void *user_data;
    void (*rtp_cb)(void *, void *, pj_ssize_t);
    void (*rtp_cb2)(pjmedia_tp_cb_param *);
    void (*rtcp_cb)(void *, void *, pj_ssize_t);
};

Tap *tap_of(pjmedia_transport *transport) { return reinterpret_cast<Tap *>(transport); }

void on_rtp(pjmedia_tp_cb_param *param) {
    Tap *tap = static_cast<Tap *>(param->user_data);
    // A negative size reports a socket error, not a packet.
    if (param->size > 0) tap->log->add(0, param->pkt, static_cast<std::size_t>(param->size));
    if (tap->rtp_cb2) {
        pjmedia_tp_cb_param passed = *param;
        passed.user_data = tap->user_data;
        tap->rtp_cb2(&passed);
        param->rem_switch = passed.rem_switch;
    } else if (tap->rtp_cb) {
        tap->rtp_cb(tap->user_data, param->pkt, param->size);
    }
}

void on_rtcp(void *user_data, void *packet, pj_ssize_t size) {
    Tap *tap = static_cast<Tap *>(user_data);
    if (tap->rtcp_cb) tap->rtcp_cb(tap->user_data, packet, size);
}

pj_status_t get_info(pjmedia_transport *transport, pjmedia_transport_info *info) {
    return pjmedia_transport_get_info(tap_of(transport)->under, info);
}

void forget_stream(Tap *tap) {
    tap->user_data = nullptr;
    tap->rtp_cb = nullptr;
    tap->rtp_cb2 = nullptr;
    tap->rtcp_cb = nullptr;
}

pj_status_t attach2(pjmedia_transport *transport, pjmedia_transport_attach_param *param) {
    Tap *tap = tap_of(transport);
    tap->user_data = param->user_data;
    tap->rtp_cb = param->rtp_cb;
    tap->rtp_cb2 = param->rtp_cb2;
    tap->rtcp_cb = param->rtcp_cb;
    param->user_data = tap;
    param->rtp_cb = nullptr;
    param->rtp_cb2 = &on_rtp;
    param->rtcp_cb = &on_rtcp;
    const pj_status_t status = pjmedia_transport_attach2(tap->under, param);
    if (status != PJ_SUCCESS) forget_stream(tap);
    return status;
}

void detach(pjmedia_transport *transport, void *) {
    Tap *tap = tap_of(transport);
    if (!tap->user_data) return;
    pjmedia_transport_detach(tap->under, tap);
    forget_stream(tap);
}

pj_status_t send_rtp(pjmedia_transport *transport, const void *packet, pj_size_t size) {
    tap_of(transport)->log->add(1, packet, size);
    return pjmedia_transport_send_rtp(tap_of(transport)->under, packet, size);
}

pj_status_t send_rtcp(pjmedia_transport *transport, const void *packet, pj_size_t size) {
    return pjmedia_transport_send_rtcp(tap_of(transport)->under, packet, size);
}

pj_status_t send_rtcp2(pjmedia_transport *transport, const pj_sockaddr_t *address, unsigned length, const void *packet,
                       pj_size_t size) {
    return pjmedia_transport_send_rtcp2(tap_of(transport)->under, address, length, packet, size);
}

pj_status_t media_create(pjmedia_transport *transport, pj_pool_t *pool, unsigned options,
                         const pjmedia_sdp_session *remote, unsigned index) {
    return pjmedia_transport_media_create(tap_of(transport)->under, pool, options, remote, index);
}

pj_status_t encode_sdp(pjmedia_transport *transport, pj_pool_t *pool, pjmedia_sdp_session *local,
                       const pjmedia_sdp_session *remote, unsigned index) {
    return pjmedia_transport_encode_sdp(tap_of(transport)->under, pool, local, remote, index);
}

pj_status_t media_start(pjmedia_transport *transport, pj_pool_t *pool, const pjmedia_sdp_session *local,
                        const pjmedia_sdp_session *remote, unsigned index) {
    return pjmedia_transport_media_start(tap_of(transport)->under, pool, local, remote, index);
}

pj_status_t media_stop(pjmedia_transport *transport) { return pjmedia_transport_media_stop(tap_of(transport)->under); }

pj_status_t simulate_lost(pjmedia_transport *transport, pjmedia_dir direction, unsigned percent) {
    return pjmedia_transport_simulate_lost(tap_of(transport)->under, direction, percent);
}

// Runs when the last user of the group lock shared with the transport underneath is gone.
void on_destroy(void *arg) {
    Tap *tap = static_cast<Tap *>(arg);
    pj_pool_t *pool = tap->pool;
    tap->log.reset();
    pj_pool_release(pool);
}

pj_status_t destroy(pjmedia_transport *transport) {
    Tap *tap = tap_of(transport);
    tap->log->end();
    if (tap->close_under) pjmedia_transport_close(tap->under);
    if (tap->base.grp_lock) {
        pj_grp_lock_dec_ref(tap->base.grp_lock);
    } else {
        on_destroy(tap);
    }
    return PJ_SUCCESS;
}

pjmedia_transport_op tap_operations() {
    pjmedia_transport_op op{};
    op.get_info = &get_info;
    op.detach = &detach;
    op.send_rtp = &send_rtp;
    op.send_rtcp = &send_rtcp;
    op.send_rtcp2 = &send_rtcp2;
    op.media_create = &media_create;
    op.encode_sdp = &encode_sdp;
    op.media_start = &media_start;
    op.media_stop = &media_stop;
    op.simulate_lost = &simulate_lost;
    op.destroy = &destroy;
    op.attach2 = &attach2;
    return op;
}

}  // namespace

void RtpTap::wrap(pj::OnCreateMediaTransportParam &prm, const std::string &path) {
    static pjmedia_transport_op operations = tap_operations();
    auto *under = static_cast<pjmedia_transport *>(prm.mediaTp);
    const int fd = ::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0640);
    if (fd < 0) raise_errno(errno, "RtpTap.wrap()", path);
    auto log = std::make_shared<PacketLog>(fd);
    pj_pool_t *pool = pjsua_pool_create("rtptap%p", 1000, 1000);
    if (!pool) throw pj::Error(PJ_ENOMEM, "RtpTap.wrap()", path, __FILE__, __LINE__);
    Tap *tap = new (pj_pool_zalloc(pool, sizeof(Tap))) Tap{};
    tap->pool = pool;
    pj_ansi_strxcpy(tap->base.name, pool->obj_name, sizeof tap->base.name);
    tap->base.type = static_cast<pjmedia_transport_type>(PJMEDIA_TRANSPORT_TYPE_USER + 1);
    tap->base.op = &operations;
    tap->under = under;
    tap->close_under = (prm.flags & PJSUA_MED_TP_CLOSE_MEMBER) != 0;
    tap->log = log;
    if (under->grp_lock) {
        tap->base.grp_lock = under->grp_lock;
        pj_grp_lock_add_ref(under->grp_lock);
        pj_grp_lock_add_handler(under->grp_lock, pool, tap, &on_destroy);
    }
    prm.mediaTp = &tap->base;
    DiskWriter::instance().add(log);
}

}  // namespace callfloor
